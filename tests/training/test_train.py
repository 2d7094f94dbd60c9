"""Runs on real digits: accuracy, resume to the bit, limits, and clear errors."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from training import interrupted_run
from training.digits_data import digits_data

from xvlab.data.snapshot import TrainingData
from xvlab.errors import ConfigurationError, ConflictError, InvalidInputError
from xvlab.inference import load_predictor, predict_snapshot
from xvlab.metrics import evaluate_classification
from xvlab.tasks import TrainConfig
from xvlab.training import EpochDone, Notice, StepDone, TrainEvent, TrainResult, train
from xvlab.training import loop as loop_module

QUICK = TrainConfig(epochs=2, batch_size=32, image_size=16)


def weights_hash(result: TrainResult) -> str:
    return hashlib.sha256((result.model_folder / "model.safetensors").read_bytes()).hexdigest()


def without_times(result: TrainResult) -> list[dict[str, object]]:
    return [{**record.as_dict(), "seconds": 0} for record in result.history]


class SimulatedCrashError(Exception):
    """Raised by a listener to end a run as a crash would."""


def interrupt_after(epoch: int):
    def tell(event: TrainEvent) -> None:
        if isinstance(event, EpochDone) and event.epoch == epoch:
            raise SimulatedCrashError

    return tell


def test_digits_are_learned_and_every_choice_is_announced(tmp_path: Path) -> None:
    data, events = digits_data(), []
    result = train(data, TrainConfig(epochs=12), folder=tmp_path, listener=events.append)
    report = evaluate_classification(predict_snapshot(load_predictor(result.model_folder), data), data.snapshot.labels)
    assert report["test"]["accuracy"] >= 0.97
    assert report["evaluation"]["accuracy"] == pytest.approx(result.history[result.best_epoch - 1].metrics["accuracy"])
    assert result.resumed_from_epoch is None
    assert len(result.history) == 12
    notices = [event.message for event in events if isinstance(event, Notice) and event.stage == "choosing"]
    chosen = [notice.partition(" = ")[0] for notice in notices]
    assert set(chosen) >= {"preset", "image_size", "batch_size", "learning_rate", "augmentation", "precision"}
    assert all(getattr(result.config, field) not in ("auto", 0, -1) for field in chosen)
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == list(range(1, 13))
    assert all(event.seconds_left >= 0 for event in events if isinstance(event, StepDone | EpochDone))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("epoch", [pytest.param(1, id="after one epoch"), pytest.param(3, id="after the last epoch")])
def test_an_interrupted_run_ends_with_the_same_bits(tmp_path: Path, epoch: int) -> None:
    data, config = digits_data(200), QUICK.model_copy(update={"epochs": 3, "augmentation": "strong"})
    whole = train(data, config, folder=tmp_path / "whole")
    with pytest.raises(SimulatedCrashError):
        train(data, config, folder=tmp_path / "broken", listener=interrupt_after(epoch))
    events: list[TrainEvent] = []
    resumed = train(data, config, folder=tmp_path / "broken", listener=events.append)
    assert resumed.resumed_from_epoch == epoch
    assert weights_hash(resumed) == weights_hash(whole)
    assert without_times(resumed) == without_times(whole)
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == [1, 2, 3], "who died early told nothing"


def test_an_interruption_within_an_epoch_resumes_within_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(loop_module, "EVENT_SECONDS", 0.0)
    data = digits_data(200)
    whole = train(data, QUICK, folder=tmp_path / "whole")

    def tell(event: TrainEvent) -> None:
        if isinstance(event, StepDone) and (event.epoch, event.step) == (2, 3):
            raise SimulatedCrashError

    with pytest.raises(SimulatedCrashError):
        train(data, QUICK, folder=tmp_path / "broken", listener=tell)
    resumed = train(data, QUICK, folder=tmp_path / "broken")
    assert resumed.resumed_from_epoch == 1
    assert weights_hash(resumed) == weights_hash(whole)
    assert without_times(resumed) == without_times(whole)


def test_a_killed_process_resumes_to_the_same_bits(tmp_path: Path) -> None:
    command = [sys.executable, interrupted_run.__file__, str(tmp_path / "killed")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "1"
        process.send_signal(signal.SIGKILL)
    whole = train(digits_data(200), interrupted_run.CONFIG, folder=tmp_path / "whole")
    resumed = train(digits_data(200), interrupted_run.CONFIG, folder=tmp_path / "killed")
    assert resumed.resumed_from_epoch is not None
    assert weights_hash(resumed) == weights_hash(whole)


def test_the_resolved_options_repeat_a_run_planned_by_the_clock(tmp_path: Path) -> None:
    data = digits_data(400)
    started = time.monotonic()
    limited = train(data, TrainConfig(time_limit_seconds=8, image_size=16, seed=2), folder=tmp_path / "limited")
    assert time.monotonic() - started < 16
    assert limited.config.plan.startswith("0:")
    repeated = train(data, limited.config, folder=tmp_path / "repeated")
    assert weights_hash(repeated) == weights_hash(limited)
    assert repeated.config == limited.config


def test_seeds_change_the_weights(tmp_path: Path) -> None:
    data = digits_data(100)
    hashes = set()
    for seed in (0, 1):
        config = QUICK.model_copy(update={"seed": seed, "epochs": 1})
        hashes.add(weights_hash(train(data, config, folder=tmp_path / str(seed))))
    assert len(hashes) == 2


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"class_weights": "balanced"}, id="class weights"),
        pytest.param({"gradient_accumulation": 2}, id="gradient accumulation"),
        pytest.param({"ema_decay": 0.0, "label_smoothing": 0.0}, id="no averaging, no smoothing"),
        pytest.param({"precision": "bfloat16", "epochs": 1}, id="bfloat16"),
        pytest.param({"batch_size": 4096}, id="a batch larger than the set"),
        pytest.param({"augmentation": "none", "warmup_share": 0.0}, id="no augmentation, no warm-up"),
    ],
)
def test_options_train(tmp_path: Path, options: dict[str, object]) -> None:
    result = train(digits_data(120), TrainConfig(**{**QUICK.model_dump(), **options}), folder=tmp_path)
    assert result.history[-1].train_loss < 5
    assert result.images_per_second > 0


def test_early_stopping_ends_a_run_without_gain(tmp_path: Path) -> None:
    events: list[TrainEvent] = []
    config = TrainConfig(epochs=60, batch_size=32, image_size=16, early_stopping_epochs=1, learning_rate=1e-9)
    result = train(digits_data(60), config, folder=tmp_path, listener=events.append)
    assert len(result.history) < 60
    assert any(isinstance(event, Notice) and "Stopped early" in event.message for event in events)


def test_without_held_out_images_the_last_weights_are_kept(tmp_path: Path) -> None:
    result = train(digits_data(60, held_out=False), QUICK, folder=tmp_path)
    assert result.best_epoch == 2
    assert result.history[-1].metrics == {}


def test_a_single_training_image_can_be_learned(tmp_path: Path) -> None:
    data = digits_data(10)
    first = data.snapshot.of_split("train")[0]
    one = TrainingData(replace(data.snapshot, items=(first,)), data.read_image)
    assert train(one, QUICK, folder=tmp_path).history[-1].train_loss < 5


def test_a_loss_that_is_no_number_is_explained(tmp_path: Path) -> None:
    config = TrainConfig(epochs=30, batch_size=32, image_size=16, learning_rate=100, weight_decay=10, warmup_share=0)
    with pytest.raises(ConfigurationError, match="lower learning_rate"):
        train(digits_data(200), config, folder=tmp_path)


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    config = QUICK.model_copy(update={"epochs": 1})
    train(digits_data(40), config, folder=tmp_path)
    with pytest.raises(ConflictError, match="other"):
        train(digits_data(45), config, folder=tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"items": ()}, "training images, got none", id="no images"),
        pytest.param({"labels": digits_data(1).snapshot.labels[:1]}, "at least 2 labels", id="one label"),
        pytest.param({"labels": digits_data(1).snapshot.labels[:5]}, "one label of the task", id="an unknown label"),
    ],
)
def test_snapshots_that_cannot_be_learned_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    data = digits_data(40)
    with pytest.raises(InvalidInputError, match=message):
        train(TrainingData(replace(data.snapshot, **change), data.read_image), QUICK, folder=tmp_path)
