"""Put a run together: images, network, optimiser, plan, and what an earlier attempt left."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from xvlab.data.snapshot import Split, TrainingData
from xvlab.errors import ConflictError
from xvlab.models import BuiltModel, build_model
from xvlab.tasks.config import TrainConfig
from xvlab.tasks.kinds import task_kind
from xvlab.tasks.presets import find_preset

from .averaging import AveragedModel
from .batches import Batches, ImageSet
from .cache import cached_pixels
from .checkpoints import Checkpoints
from .events import Notice, TrainListener
from .kinds import training_of
from .loop import Run
from .optimizer import make_optimizer
from .plan import Plan, read_plan
from .state import Learner, Progress, read_progress
from .timing import TimeLimit, measure_costs

CACHE_FOLDER = "cache"
_RESERVED_SHARE, _RESERVED_SECONDS = 0.03, 2.0
_NOTICE_SECONDS = 2.0


@contextlib.contextmanager
def reproducible(config: TrainConfig) -> Iterator[None]:
    """Seed torch and ask for deterministic algorithms while a run lasts; the caller's state comes back after it."""
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    on_gpu = config.device.startswith("cuda")
    if on_gpu:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    with torch.random.fork_rng(devices=[torch.device(config.device)] if on_gpu else []):
        torch.manual_seed(config.seed)
        # Some CUDA kernels (the backward of grid_sample among them) have no deterministic form; on a CPU all have.
        torch.use_deterministic_algorithms(mode=True, warn_only=on_gpu)
        # Filling new tensors with NaN shows reads of unwritten memory, and costs a third of the speed on a CPU.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        try:
            yield
        finally:
            torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
            torch.use_deterministic_algorithms(mode=before[0], warn_only=before[1])


def prepare_run(
    folder: Path, data: TrainingData, config: TrainConfig, identity: str, tell: TrainListener, *, offline: bool
) -> tuple[BuiltModel, Run]:
    """Build the network and open the images; the time limit comes later, see :func:`with_plan`.

    Args:
        folder: Of the run.
        data: What is learned.
        config: Resolved options.
        identity: Hash of data and options.
        tell: Hears of the decoding.
        offline: Never ask a model hub.
    """
    training = training_of(data.snapshot.kind)
    built = build_model(
        find_preset(config.preset),
        outputs=training.outputs(data.snapshot),
        image_size=config.image_size,
        weights=config.weights,
        offline=offline,
    )
    device = torch.device(config.device)
    built.network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    learned = _image_set(folder, data, "train", built, tell)
    held_out = _image_set(folder, data, "evaluation", built, tell)
    if not len(held_out):
        tell(Notice("training", "No held-out images: the last weights are kept."))
    run = Run(
        config=config,
        kind=task_kind(data.snapshot.kind),
        training=training,
        criterion=training.criterion(config, learned.targets),
        batches=Batches(learned, config, built.preprocessing, device),
        evaluation=held_out,
        preprocessing=built.preprocessing,
        identity=identity,
        time_limit=None,
    )
    return built, run


def _image_set(folder: Path, data: TrainingData, split: Split, built: BuiltModel, tell: TrainListener) -> ImageSet:
    items = data.snapshot.of_split(split)
    pixels = cached_pixels(
        folder / CACHE_FOLDER,
        items,
        data.read_image,
        built.preprocessing,
        on_progress=_decoding_notices(split, tell),
    )
    return ImageSet(pixels, training_of(data.snapshot.kind).targets(data.snapshot, items))


def _decoding_notices(split: Split, tell: TrainListener) -> Callable[[int, int], None]:
    """Return a listener of the decoding that says something every other second, and at the end."""
    told = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told > _NOTICE_SECONDS:
            told = time.monotonic()
            tell(Notice("decoding", f"{done} of {total} {split} images are decoded."))

    return progress


def make_learner(built: BuiltModel, run: Run) -> Learner:
    """Make the moving parts in their first state."""
    network, config = built.network, run.config
    optimizer = make_optimizer(network, find_preset(config.preset), config)
    scaler = torch.amp.GradScaler(run.device.type, enabled=config.precision == "float16")
    return Learner(network, AveragedModel(network, decay=config.ema_decay), optimizer, scaler)


def saved_progress(run: Run, learner: Learner, checkpoints: Checkpoints) -> Progress | None:
    """Load the newest whole checkpoint into the learner; ``None`` when there is none.

    Raises:
        ConflictError: The checkpoint belongs to another run.
    """
    body = checkpoints.newest()
    if body is None:
        return None
    if body["identity"] != run.identity:
        raise ConflictError("The checkpoints in this folder belong to another run. Choose an empty folder.")
    learner.load(body)
    return read_progress(body["progress"])


def with_plan(
    run: Run,
    learner: Learner,
    progress: Progress | None,
    *,
    test_images: int,
    started: float,
    tell: TrainListener,
) -> tuple[Run, Progress]:
    """Say how many steps the run makes: as many as were planned before, as the epochs give, or as the time allows.

    Args:
        run: Everything else about the run.
        learner: Its moving parts; only measured, not moved.
        progress: Of an earlier attempt.
        test_images: Images that will be predicted after training, for which time is kept free.
        started: Monotonic time at which the run was called.
        tell: Hears of the plan.
    """
    config, per_epoch = run.config, run.batches.steps_per_epoch
    most = config.epochs * per_epoch
    if config.plan or not config.time_limit_seconds:
        return run, progress or Progress(read_plan(config.plan) if config.plan else Plan(((0, most),)))
    costs = measure_costs(learner.network, run.batches, run.criterion, config.precision)
    predicted = (test_images + len(run.evaluation)) * costs.predicted_image
    reserve = _RESERVED_SHARE * config.time_limit_seconds + _RESERVED_SECONDS + 1.5 * predicted
    evaluation = len(run.evaluation) * costs.predicted_image
    limit = TimeLimit(config.time_limit_seconds, reserve, per_epoch, most, evaluation)
    if progress is None:
        elapsed = time.monotonic() - started
        total = limit.total_steps(step=0, elapsed=elapsed, step_seconds=costs.step, evaluation_seconds=evaluation)
        progress = Progress(Plan(((0, total),)))
        reached = total / per_epoch
        tell(
            Notice("planning", f"{total} steps ({reached:.1f} epochs) fit into {config.time_limit_seconds:g} seconds.")
        )
    return replace(run, time_limit=limit), progress
