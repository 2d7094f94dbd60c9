"""What a training run tells the outside: events, and the protocol of whoever listens. No database, no notebook here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StepDone:
    """Some steps were made. ``epoch`` and ``step`` count from 1; ``seconds_left`` is an estimate for the whole run."""

    epoch: int
    epochs: int
    step: int
    steps_per_epoch: int
    loss: float
    learning_rate: float
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class EpochDone:
    """An epoch ended and the evaluation images were predicted; ``metrics`` holds at least ``accuracy`` and ``loss``."""

    epoch: int
    epochs: int
    train_loss: float
    learning_rate: float
    metrics: dict[str, float]
    seconds: float
    seconds_left: float
    is_best: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should read, for example why an option was chosen; ``stage`` is what happens now."""

    stage: str
    message: str


TrainEvent = StepDone | EpochDone | Notice


class TrainListener(Protocol):
    """Listens to a run. Steps arrive a few times a second at most."""

    def __call__(self, event: TrainEvent, /) -> None:
        """Take an event; an exception raised here ends the run."""
