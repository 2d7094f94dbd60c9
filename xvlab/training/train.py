"""One training run from a snapshot to the folder of a trained model."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path

from xvlab.data.snapshot import TrainingData
from xvlab.errors import ConflictError
from xvlab.models import BuiltModel, save_model
from xvlab.tasks.config import TrainConfig

from .checkpoints import Checkpoints, write_durably
from .events import Notice, TrainEvent, TrainListener
from .loop import Loop
from .resolve import resolve
from .result import TrainResult
from .setup import CACHE_FOLDER, make_learner, prepare_run, reproducible, saved_progress, with_plan

MODEL_FOLDER = "model"
CHECKPOINT_FOLDER = "checkpoints"
_RUN_FILE = "run.json"


def train(
    data: TrainingData,
    config: TrainConfig,
    *,
    folder: Path,
    listener: TrainListener | None = None,
    offline: bool = False,
) -> TrainResult:
    """Train on a snapshot, or go on with a run that was interrupted.

    Args:
        data: The snapshot and the way to its images.
        config: Options; open ones are chosen here.
        folder: Of this run: checkpoints, decoded images, the result. Called again with the same arguments after a
            crash, the run goes on from its last checkpoint and ends with the same weights, bit for bit.
        listener: Hears what happens.
        offline: Never ask a model hub; use local folders and its cache.

    Returns:
        The result; the model lies in ``folder/model``.

    Raises:
        ConflictError: The folder holds another run.
        InvalidInputError: The snapshot cannot be learned from.
        ConfigurationError: Device or weights are missing, or the loss is no longer a number.
    """
    started = time.monotonic()
    tell = listener or _silence
    folder.mkdir(parents=True, exist_ok=True)
    identity = hashlib.sha256(f"{data.snapshot.sha256} {config.model_dump_json()}".encode()).hexdigest()
    resolved = _resolved(folder, data, config, identity, tell, offline=offline)
    with reproducible(resolved):
        built, run = prepare_run(folder, data, resolved, identity, tell, offline=offline)
        learner = make_learner(built, run)
        checkpoints = Checkpoints(folder / CHECKPOINT_FOLDER)
        progress = saved_progress(run, learner, checkpoints)
        resumed = None if progress is None else len(progress.history)
        if progress is not None:
            tell(Notice("training", f"Going on after step {progress.step}; {resumed} epochs are done."))
        waiting = len(data.snapshot.of_split("test"))
        run, progress = with_plan(run, learner, progress, test_images=waiting, started=started, tell=tell)
        elapsed = time.monotonic() - started + progress.seconds
        loop = Loop(run, learner, progress, checkpoints, tell, elapsed_before=elapsed)
        loop.tell_history()
        loop.work()
    return _finish(folder, data, built, loop, resumed)


def _silence(event: TrainEvent) -> None:
    del event


def _resolved(
    folder: Path, data: TrainingData, config: TrainConfig, identity: str, tell: TrainListener, *, offline: bool
) -> TrainConfig:
    """Return the resolved options: those of the interrupted run, or new ones, which are written down."""
    path = folder / _RUN_FILE
    if path.is_file():
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["identity"] != identity:
            raise ConflictError(f"{folder} holds a run on other data or with other options. Choose an empty folder.")
        return TrainConfig.model_validate(body["config"])
    choices = resolve(data, config, offline=offline)
    for note in choices.notes:
        tell(Notice("choosing", note))
    body = {"identity": identity, "config": choices.config.model_dump()}
    write_durably(path, json.dumps(body, indent=2).encode())
    return choices.config


def _finish(folder: Path, data: TrainingData, built: BuiltModel, loop: Loop, resumed: int | None) -> TrainResult:
    """Write the model of the best epoch and drop the decoded images."""
    run, progress = loop.run, loop.progress
    best = loop.checkpoints.best(progress.best_step)
    model_folder = save_model(folder / MODEL_FOLDER, built, best, kind=data.snapshot.kind, labels=data.snapshot.labels)
    shutil.rmtree(folder / CACHE_FOLDER, ignore_errors=True)
    step_seconds = progress.step_seconds / progress.step
    plan = str(progress.plan) if run.config.time_limit_seconds else run.config.plan
    return TrainResult(
        model_folder=model_folder,
        history=tuple(progress.history),
        config=run.config.model_copy(update={"plan": plan}),
        seconds=progress.seconds,
        seconds_per_step=step_seconds,
        images_per_second=run.batches.images_per_step / step_seconds,
        best_epoch=next(record.epoch for record in reversed(progress.history) if record.is_best),
        resumed_from_epoch=resumed,
    )
