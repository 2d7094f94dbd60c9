"""The launch form is the configuration's fields; the monitor draws what the job's row says."""

from __future__ import annotations

import math
import time

import ipywidgets
import pytest

from xvlab.errors import InvalidInputError
from xvlab.registry import ModelRecord
from xvlab.tasks import TrainConfig
from xvlab.workspace import Workspace
from xvlab_widgets import RunMonitor, TrainLauncher, TrainPage
from xvlab_widgets._ticker import Ticker
from xvlab_widgets.run_monitor import _share
from xvlab_widgets.train_launcher import HIDDEN

from .conftest import Shop


def label_all(shop: Shop) -> None:
    for place, image in enumerate(shop.images):
        name = ("shirt", "shoe", "hat")[place % 3]
        shop.workspace.annotations.set_category(shop.task.id, image.id, shop.label_id(name))


def texts_of(box: ipywidgets.Box) -> str:
    parts = [child.value for child in box.children if isinstance(child, ipywidgets.HTML)]
    return " ".join(parts + [texts_of(child) for child in box.children if isinstance(child, ipywidgets.Box)])


def test_an_untouched_form_is_the_default_configuration(shop: Shop) -> None:
    assert TrainLauncher(shop.workspace, shop.task).config == TrainConfig()


def test_every_field_has_a_control_that_reaches_the_configuration(shop: Shop) -> None:
    launcher = TrainLauncher(shop.workspace, shop.task)
    assert set(launcher._controls) == set(TrainConfig.model_fields) - set(HIDDEN)
    launcher._controls["epochs"].value = 3
    launcher._controls["time_limit_seconds"].value = 2
    launcher._controls["augmentation"].value = "light"
    assert launcher.config == TrainConfig(epochs=3, time_limit_seconds=120, augmentation="light")


def test_the_form_begins_with_the_tasks_own_options(shop: Shop) -> None:
    wanted = TrainConfig(epochs=7, learning_rate=0.003)
    shop.workspace.tasks.configure(shop.task.id, wanted)
    assert TrainLauncher(shop.workspace, "clothes").config == wanted


def test_impossible_options_are_named(shop: Shop) -> None:
    launcher = TrainLauncher(shop.workspace, shop.task)
    launcher._controls["device"].value = "abacus"
    with pytest.raises(InvalidInputError, match="Device"):
        _ = launcher.config


def test_start_submits_the_job_and_refusals_appear_below(shop: Shop) -> None:
    started: list[str] = []
    launcher = TrainLauncher(shop.workspace, shop.task, on_submit=lambda job: started.append(job.id))
    launcher._start.click()
    assert launcher.error
    assert started == []
    label_all(shop)
    launcher._controls["epochs"].value = 2
    launcher._start.click()
    assert launcher.error == ""
    assert shop.workspace.jobs.get(started[0]).parameters["epochs"] == 2


def test_few_images_and_markup_in_names(workspace: Workspace) -> None:
    task = workspace.tasks.create("<b>task</b>", label_names=("<img src=x>", "b"))
    shown = texts_of(TrainLauncher(workspace, task))
    assert "Few images" in shown
    assert "<img" not in shown
    assert "&lt;img src=x&gt;" in shown


def test_the_page_watches_what_it_starts(shop: Shop) -> None:
    label_all(shop)
    page = TrainPage(shop.workspace, shop.task)
    assert page.monitor.job == {}
    page.launcher._start.click()
    assert (page.monitor.job["state"], page.monitor.job["title"]) == ("queued", "Training of clothes")
    page.close()
    assert page.monitor._ticker is not None
    assert not page.monitor._ticker.is_running


def test_monitor_of_an_empty_workspace(workspace: Workspace) -> None:
    monitor = RunMonitor(workspace)
    assert (monitor.job, monitor.jobs, monitor.error) == ({}, [], "")
    monitor.close()


def test_cancel_and_retry_reach_the_job(shop: Shop) -> None:
    label_all(shop)
    job = shop.workspace.jobs.submit_training(shop.task.id)
    monitor = RunMonitor(shop.workspace, job.id)
    monitor.handle({"action": "cancel", "job_id": job.id})
    assert monitor.job["state"] == "cancelled"
    monitor.handle({"action": "retry", "job_id": job.id})
    assert monitor.error == ""
    assert monitor.job["state"] == "queued"
    monitor.close()


def test_the_monitor_sees_a_change_made_elsewhere(shop: Shop) -> None:
    label_all(shop)
    job = shop.workspace.jobs.submit_training(shop.task.id)
    monitor = RunMonitor(shop.workspace, job.id)
    shop.workspace.jobs.cancel(job.id)
    deadline = time.monotonic() + 30
    while monitor.job["state"] != "cancelled" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert monitor.job["state"] == "cancelled"
    monitor.close()


def test_a_registered_model_and_a_missing_notebook(shop: Shop, trained: ModelRecord) -> None:
    monitor = RunMonitor(shop.workspace)
    assert (monitor.job["model_id"], monitor.job["accuracy"], monitor.job["version"]) == (trained.id, 0.75, 1)
    monitor.handle({"action": "show_report", "job_id": monitor.job_id})
    assert monitor.error
    monitor.close()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param({"epochs": None, "epoch": None, "step": None, "steps_per_epoch": None}, 0.0, id="nothing yet"),
        pytest.param({"epochs": 4, "epoch": 1, "step": 0, "steps_per_epoch": 10}, 0.0, id="begin"),
        pytest.param({"epochs": 4, "epoch": 3, "step": 5, "steps_per_epoch": 10}, 0.625, id="middle"),
        pytest.param({"epochs": 4, "epoch": 4, "step": 10, "steps_per_epoch": 10}, 1.0, id="end"),
        pytest.param({"epochs": 4, "epoch": 9, "step": 99, "steps_per_epoch": 10}, 1.0, id="beyond"),
    ],
)
def test_share_of_the_run(numbers: dict[str, float | None], expected: float) -> None:
    assert math.isclose(_share(numbers), expected)


def test_a_ticker_outlives_failures_and_stops() -> None:
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        raise ValueError("now and then")

    ticker = Ticker(work, interval_seconds=0.01)
    ticker.start()
    deadline = time.monotonic() + 20
    while len(calls) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    ticker.stop()
    assert len(calls) >= 3
    assert not ticker.is_running
