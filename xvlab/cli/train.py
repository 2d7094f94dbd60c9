"""``xvlab train`` and ``xvlab evaluate``: submit a job and, unless told otherwise, see it through."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .models import ModelArgument, resolve_model
from .options import HomeOption, JsonOption, TaskArgument, WorkspaceOption, opened_workspace
from .output import print_json, progress_bar
from .processes import run_worker

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from xvlab.jobs import JobRecord
    from xvlab.tasks import TrainConfig
    from xvlab.workspace import Home, Workspace

WaitOption = Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until the job is finished.")]
_POLL_SECONDS = 0.3


def train(
    task: TaskArgument,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    preset: Annotated[str | None, typer.Option(help="Name of a model preset.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images of one step.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Side of the input in pixels.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    time_limit_seconds: Annotated[float | None, typer.Option(help="Plan the run to end within this time.")] = None,
    weights: Annotated[str | None, typer.Option(help="Pretrained weights: a hub name or a folder.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights, order and augmentation.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", metavar="NAME=VALUE", help="Any other option; may be repeated."),
    ] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Put the new version into production.")] = False,
    wait: WaitOption = True,
    json: JsonOption = False,
) -> None:
    """Train a task on its labelled images; what is not given is taken from the task."""
    chosen = {
        "preset": preset,
        "epochs": epochs,
        "batch_size": batch_size,
        "image_size": image_size,
        "learning_rate": learning_rate,
        "time_limit_seconds": time_limit_seconds,
        "weights": weights,
        "seed": seed,
    }
    given = {name: value for name, value in chosen.items() if value is not None} | _pairs(option or [])
    with opened_workspace(home, workspace) as opened:
        found = opened.tasks.resolve(task)
        config = train_config({**found.configuration, **given})
        job = opened.jobs.submit_training(found.id, config, promote=promote)
        _finish(opened, job, wait=wait, as_json=json)


def evaluate(
    model: ModelArgument,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    wait: WaitOption = True,
    json: JsonOption = False,
) -> None:
    """Measure a model on the task's present images."""
    with opened_workspace(home, workspace) as opened:
        job = opened.jobs.submit_evaluation(resolve_model(opened, model).id)
        _finish(opened, job, wait=wait, as_json=json)


def train_config(options: dict[str, Any]) -> TrainConfig:
    """Build the options of a training.

    Raises:
        InvalidInputError: One is not known, or has a wrong value.
    """
    from pydantic import ValidationError

    from xvlab.errors import InvalidInputError
    from xvlab.tasks import TrainConfig

    try:
        return TrainConfig.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidInputError(f"Option {field}: {first['msg']}. See docs/train.md for all options.") from error


def see_through(workspace: Workspace, job: JobRecord) -> JobRecord:
    """Wait for a job with a progress bar; where no worker is alive, this process is one meanwhile.

    Raises:
        JobError: The job did not succeed.
    """
    from xvlab.errors import JobCancelledError, JobError

    with _some_worker(workspace.home), progress_bar(unit="epochs") as bar:
        row = bar.add_task(job.notebook, total=None)
        while not job.is_finished:
            time.sleep(_POLL_SECONDS)
            job = workspace.jobs.get(job.id)
            _show(bar, row, job)
    if job.state == "cancelled":
        raise JobCancelledError(f"Job {job.id} was cancelled. Start it again with: xvlab jobs retry {job.id}")
    if job.state == "failed":
        raise JobError(f"Job {job.id} failed: {job.error} Its log: xvlab jobs log {job.id}")
    return job


def _finish(workspace: Workspace, job: JobRecord, *, wait: bool, as_json: bool) -> None:
    if wait:
        job = see_through(workspace, job)
    if as_json:
        print_json(job)
    elif not wait:
        print(job.id)
    else:
        print(f"Job {job.id} {job.state}")
        for name, value in job.result.items():
            if isinstance(value, (str, int, float)):
                print(f"  {name}: {value}")


def _show(bar: Progress, row: TaskID, job: JobRecord) -> None:
    progress = job.progress
    parts = [str(progress.get("stage") or job.state)]
    parts += [f"{name} {progress[name]:.4f}" for name in ("loss", "metric") if isinstance(progress.get(name), float)]
    bar.update(row, description=" ".join(parts), completed=progress.get("epoch", 0), total=progress.get("epochs"))


@contextmanager
def _some_worker(home: Home) -> Iterator[None]:
    """Make sure that a worker is there while the block runs."""
    from xvlab.workspace.presence import Presence

    folder = home.settings.home
    if Presence(folder).is_alive("worker"):
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(folder, stop), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _pairs(options: list[str]) -> dict[str, str]:
    found = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"expected NAME=VALUE, got {text!r}", param_hint="--option")
        found[name.strip().replace("-", "_")] = value.strip()
    return found
