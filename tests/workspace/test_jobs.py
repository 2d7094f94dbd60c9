"""Training and evaluation as jobs, on real digits: what they leave, and that kill -9 does not stop them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from xvlab import TrainConfig
from xvlab.errors import ConflictError, InvalidInputError, JobTimeoutError, NotFoundError
from xvlab.jobs import JobRecord
from xvlab.jobs.cookie import JOB_VARIABLE, sweep
from xvlab.workspace import Workspace

WORKER = "import sys, threading; from xvlab.jobs import Worker; Worker(sys.argv[1]).run(threading.Event())"
QUICK = TrainConfig(epochs=2, batch_size=64)


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XVLAB_JOB_THREADS", "1")
    monkeypatch.setenv("XVLAB_LEASE_SECONDS", "5")


@pytest.fixture
def task_id(workspace: Workspace, digits_folder: Path, tmp_path: Path) -> str:
    """A task with 40 images of each of the digits 0 to 3."""
    for digit in "0123":
        (tmp_path / "few" / digit).mkdir(parents=True)
        for file in sorted((digits_folder / digit).iterdir())[:40]:
            (tmp_path / "few" / digit / file.name).write_bytes(file.read_bytes())
    task = workspace.tasks.create("Four digits")
    workspace.imports.folder(tmp_path / "few", task=task)
    return task.id


class Workers:
    """Starts and kills worker processes of a home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", WORKER, str(self.home)])

    def replace(self) -> None:
        self.end()
        self.process = self._start()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def workers(workspace: Workspace) -> Iterator[Workers]:
    home = workspace.home.settings.home
    running = Workers(home)
    yield running
    running.end()
    sweep("XVLAB_HOME", str(home))


def until(workspace: Workspace, job_id: str, condition: Callable[[JobRecord], bool]) -> JobRecord:
    for _ in range(900):
        job = workspace.jobs.get(job_id)
        if condition(job) or job.is_finished:
            return job
        threading.Event().wait(0.1)
    raise AssertionError(f"{job}\n{workspace.jobs.log(job_id)}")


def process_of(job_id: str, module: str) -> psutil.Process:
    """Return the job's runner or kernel by the module that it runs."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(JOB_VARIABLE) == job_id and module in process.cmdline():
                return process
        except (psutil.Error, OSError):
            continue
    raise AssertionError(f"no process of {job_id} runs {module}")


def kill_worker(workers: Workers, job_id: str) -> None:
    workers.replace()


def kill_runner(workers: Workers, job_id: str) -> None:
    os.kill(process_of(job_id, "xvlab.jobs.runner").pid, signal.SIGKILL)


def kill_kernel(workers: Workers, job_id: str) -> None:
    os.kill(process_of(job_id, "ipykernel_launcher").pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("kill", "attempts"),
    [
        pytest.param(kill_worker, 1, id="worker"),
        pytest.param(kill_runner, 2, id="runner"),
        pytest.param(kill_kernel, 2, id="kernel"),
    ],
)
def test_a_training_survives_kill_9(
    workspace: Workspace, task_id: str, workers: Workers, kill: Callable[[Workers, str], None], attempts: int
) -> None:
    config = TrainConfig(epochs=24, batch_size=64)
    job = workspace.jobs.submit_training(task_id, config)
    until(workspace, job.id, lambda now: len(now.progress.get("history", [])) >= 2)

    kill(workers, job.id)

    done = workspace.jobs.wait(job.id, 150)
    assert (done.state, done.attempts, done.error) == ("succeeded", attempts, ""), workspace.jobs.log(job.id)
    assert [epoch["epoch"] for epoch in done.progress["history"]] == list(range(1, 25))
    assert [model.version for model in workspace.models.list(task_id)] == [1]
    if attempts == 2:
        second = workspace.jobs.log(job.id).partition("Attempt 2")[2]
        assert re.search(r"Going on after step [1-9]", second), second


def test_a_training_leaves_a_model_a_report_and_progress(workspace: Workspace, task_id: str) -> None:
    job = workspace.jobs.submit_training(task_id, QUICK, promote=True)

    done = workspace.jobs.wait(job.id, 150, work=True)

    assert done.state == "succeeded", workspace.jobs.log(job.id)
    model = workspace.models.version(task_id)
    assert (done.result["model_id"], done.result["version"]) == (model.id, 1)
    assert (model.job_id, model.snapshot_id, model.is_production) == (job.id, job.inputs["snapshot_id"], True)
    assert {"model.safetensors", "config.json", "README.md", "predictions.npz", "environment.json"} <= set(
        model.artifacts
    )
    assert model.parameters["epochs"] == 2
    assert model.parameters["preset"] != "auto"
    assert done.progress["epochs"] == 2
    notebook = json.loads(workspace.jobs.notebook(job.id))
    kinds = {
        kind for cell in notebook["cells"] for output in cell.get("outputs", []) for kind in output.get("data", {})
    }
    assert "application/vnd.plotly.v1+json" in kinds
    assert len(workspace.jobs.notebook(job.id)) < 300_000
    page = workspace.jobs.report_html(job.id)
    for heading in ("What is trained", "What it reached", "Failed images", "Environment"):
        assert heading in page
    assert page == workspace.jobs.report_html(job.id)


def test_what_cannot_be_trained_is_refused_when_it_is_submitted(workspace: Workspace) -> None:
    empty = workspace.tasks.create("Empty", label_names=["a", "b"])

    with pytest.raises((ConflictError, InvalidInputError), match="abel"):
        workspace.jobs.submit_training(empty.id)
    with pytest.raises(NotFoundError):
        workspace.jobs.submit_training("no such task")
    assert workspace.jobs.list().items == ()


def test_jobs_are_listed_newest_first_in_pages_and_by_task(workspace: Workspace, task_id: str) -> None:
    jobs = [workspace.jobs.submit_training(task_id, QUICK) for _ in range(3)]

    first = workspace.jobs.list(limit=2)
    rest = workspace.jobs.list(after=first.next, limit=2)

    assert [job.id for job in (*first.items, *rest.items)] == [job.id for job in reversed(jobs)]
    assert (first.count, rest.next) == (3, None)
    assert workspace.jobs.list(task_id="another").items == ()


def test_a_job_that_has_not_begun_has_no_notebook(workspace: Workspace, task_id: str) -> None:
    job = workspace.jobs.submit_training(task_id, QUICK)

    assert workspace.jobs.log(job.id) == ""
    with pytest.raises(NotFoundError, match="has begun"):
        workspace.jobs.notebook(job.id)
    with pytest.raises(JobTimeoutError, match="worker"):
        workspace.jobs.wait(job.id, 0.1)
    with pytest.raises(InvalidInputError):
        workspace.jobs.submit_training(task_id, QUICK, timeout_seconds=0)


def test_another_workspace_sees_no_job(workspace: Workspace, task_id: str) -> None:
    job = workspace.jobs.submit_training(task_id, QUICK)
    other = workspace.home.create_workspace("other")

    for read in (other.jobs.get, other.jobs.log, other.jobs.notebook, other.jobs.cancel, other.jobs.report_html):
        with pytest.raises(NotFoundError):
            read(job.id)
    for evil in ("../../x", "", "%2e%2e"):
        with pytest.raises(NotFoundError):
            workspace.jobs.log(evil)
    assert other.jobs.list().count == 0
