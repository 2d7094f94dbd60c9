"""What a run gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xvlab.tasks.config import TrainConfig


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch of the history.

    Attributes:
        epoch: Counts from 1.
        train_loss: Mean loss of its steps, with augmentation and smoothing.
        learning_rate: Rate of its last step.
        metrics: Metrics of the held-out images; ``accuracy`` and ``loss`` for classifiers, empty without such images.
        seconds: Duration, evaluation included.
        is_best: Whether it was the best epoch so far.
    """

    epoch: int
    train_loss: float
    learning_rate: float
    metrics: dict[str, float]
    seconds: float
    is_best: bool

    def as_dict(self) -> dict[str, Any]:
        """Return one flat JSON-able row: the metrics stand beside the other fields."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "metrics"}
        return {**own, **self.metrics}


@dataclass(frozen=True, slots=True)
class TrainResult:
    """A finished run.

    Attributes:
        model_folder: Holds model.safetensors, config.json and preprocessing.json of the best epoch.
        history: One record for each epoch.
        config: The options with every choice made; training with them again gives the same weights.
        seconds: Duration of the whole run, time before a restart included.
        seconds_per_step: Mean duration of a step, evaluation excluded.
        images_per_second: Training images in a second, evaluation excluded.
        best_epoch: Epoch whose weights were kept, from 1.
        resumed_from_epoch: Whole epochs found when the run was taken up again; ``None`` when it was not.
    """

    model_folder: Path
    history: tuple[EpochRecord, ...]
    config: TrainConfig
    seconds: float
    seconds_per_step: float
    images_per_second: float
    best_epoch: int
    resumed_from_epoch: int | None
