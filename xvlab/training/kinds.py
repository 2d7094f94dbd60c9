"""What a task kind brings to training: how a snapshot becomes targets, the loss, and the metrics of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from xvlab.data.snapshot import Snapshot, SnapshotItem
from xvlab.errors import NotFoundError
from xvlab.tasks.config import TrainConfig

Criterion = Callable[[Tensor, Tensor], Tensor]


class KindTraining(Protocol):
    """The part of training that knows a kind. The loop knows only this."""

    def outputs(self, snapshot: Snapshot) -> int:
        """Return the number of outputs of the network."""

    def targets(self, snapshot: Snapshot, items: Sequence[SnapshotItem]) -> NDArray[np.float32]:
        """Return what the network should answer, shape ``(n, outputs)``; two rows may be mixed linearly."""

    def criterion(self, config: TrainConfig, targets: NDArray[np.float32]) -> Criterion:
        """Return the loss: mean over ``(b, outputs)`` of outputs against targets, given all training targets."""

    def metrics(self, outputs: NDArray[np.float32], targets: NDArray[np.float32]) -> dict[str, float]:
        """Return the metrics of an epoch from raw outputs and targets ``(n, outputs)``; ``loss`` is among them."""


_TRAININGS: dict[str, KindTraining] = {}


def register_training(kind: str, training: KindTraining) -> None:
    """Say how a task kind is trained."""
    _TRAININGS[kind] = training


def trainings() -> Mapping[str, KindTraining]:
    """Return how each kind is trained, by its name."""
    return MappingProxyType(_TRAININGS)


def training_of(kind: str) -> KindTraining:
    """Return how a task kind is trained.

    Raises:
        NotFoundError: This kind is not trained here.
    """
    if kind not in _TRAININGS:
        raise NotFoundError(f"No training for the task kind {kind!r}. Choose one of: {', '.join(_TRAININGS)}.")
    return _TRAININGS[kind]
