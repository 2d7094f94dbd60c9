"""A trained model that answers: images in, one row of probabilities each out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from xvlab.data.snapshot import SnapshotLabel
from xvlab.models import TrainedModel, answers_of, choose_device, load_model

MOST_IMAGES_AT_ONCE = 64
_DECODING_THREADS = 4
_ALONE = 4


class Predictor:
    """Answers for images; may be used from several threads.

    Args:
        model: The trained model; moved to the device.
        device: Where it runs.
    """

    def __init__(self, model: TrainedModel, *, device: torch.device) -> None:
        self._model = model
        self._network = model.network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._answers = answers_of(model.kind)
        self._device = device
        self._lock = threading.Lock()

    @property
    def labels(self) -> tuple[SnapshotLabel, ...]:
        """Labels in the order of the columns of :meth:`predict`."""
        return self._model.labels

    @property
    def kind(self) -> str:
        """Task kind of the model."""
        return self._model.kind

    @property
    def image_size(self) -> int:
        """Side in pixels to which images are resized."""
        return self._model.preprocessing.image_size

    def predict(self, images: Sequence[bytes | NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Answer for images.

        Args:
            images: Encoded bytes or uint8 RGB pixels ``(h, w, 3)``, mixed as you like.

        Returns:
            float32 of shape ``(n, c)``, one row per image in the given order.

        Raises:
            ImageRejectedError: An image cannot be decoded.
            InvalidInputError: An array has another shape or type.
        """
        parts = [images[i : i + MOST_IMAGES_AT_ONCE] for i in range(0, len(images), MOST_IMAGES_AT_ONCE)]
        rows = [self._predict_batch(part) for part in parts]
        return np.concatenate(rows) if rows else np.zeros((0, len(self.labels)), dtype=np.float32)

    def _predict_batch(self, images: Sequence[bytes | NDArray[np.uint8]]) -> NDArray[np.float32]:
        pixels = torch.from_numpy(np.stack(self._decoded(images))).to(self._device)
        inputs = self._model.preprocessing.normalise(pixels.permute(0, 3, 1, 2))
        with self._lock, torch.inference_mode():
            outputs = self._network(inputs.contiguous(memory_format=torch.channels_last))
            return self._answers(outputs).cpu().numpy()

    def _decoded(self, images: Sequence[bytes | NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        decode = self._model.preprocessing.decode
        if len(images) < _ALONE:
            return [decode(image) for image in images]
        with ThreadPoolExecutor(max_workers=_DECODING_THREADS) as pool:
            return list(pool.map(decode, images))


def load_predictor(folder: Path, *, device: str = "auto") -> Predictor:
    """Load a trained model for prediction.

    Args:
        folder: A model folder as training writes it.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        StorageError: The folder is not whole.
        ConfigurationError: The device is not there.
    """
    return Predictor(load_model(folder), device=choose_device(device))
