"""The models that are in memory, by model id: a promoted version has another id, so it answers the next request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import ConfigurationError

from .batcher import Batcher, Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model says.

    Attributes:
        labels: Class order.
        probabilities: float32 array of shape (n, c); rows sum to 1.
    """

    labels: tuple[SnapshotLabel, ...]
    probabilities: NDArray[np.float32]


class _Live:
    """A model in memory, or on its way there; whoever comes while it loads waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[tuple[SnapshotLabel, ...], Batcher] | None = None

    def get(self, folder: Callable[[], Path]) -> tuple[tuple[SnapshotLabel, ...], Batcher]:
        with self._lock:
            if self._loaded is None:
                from xvlab.inference import load_predictor

                predictor = load_predictor(folder())
                self._loaded = (predictor.labels, Batcher(predictor.predict))
            return self._loaded


class LiveModels:
    """Keeps the models that were asked for most recently.

    Args:
        capacity: How many stay in memory.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ConfigurationError(f"Expected room for at least 1 model, got {capacity}. Give more.")
        self._capacity = capacity
        self._models: OrderedDict[str, _Live] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the models in memory, least recently asked first."""
        with self._lock:
            return tuple(self._models)

    def predict(self, model_id: str, folder: Callable[[], Path], images: Sequence[Pixels]) -> Answer:
        """Ask a model; it is loaded first where needed.

        Args:
            model_id: Id of the model; its weights never change.
            folder: Brings the folder with its files; only called to load it.
            images: uint8 arrays of shape (h, w, 3), RGB.

        Raises:
            RateLimitedError: Too many requests wait for this model.
            StorageError: Its files cannot be read.
        """
        try:
            labels, batcher = self._entry(model_id).get(folder)
        except BaseException:
            self.forget(model_id)
            raise
        return Answer(labels, batcher(images))

    def forget(self, model_id: str) -> None:
        """Drop a model from memory; who is being answered still gets the answer."""
        with self._lock:
            self._models.pop(model_id, None)

    def _entry(self, model_id: str) -> _Live:
        with self._lock:
            entry = self._models.setdefault(model_id, _Live())
            self._models.move_to_end(model_id)
            while len(self._models) > self._capacity:
                self._models.popitem(last=False)
            return entry
