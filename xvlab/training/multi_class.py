"""Training of ``multi_class``: exactly one label for each image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from xvlab.data.snapshot import Snapshot, SnapshotItem
from xvlab.errors import InvalidInputError
from xvlab.tasks.config import TrainConfig

from .kinds import Criterion, register_training


class MultiClassTraining:
    """One-hot targets, cross-entropy with label smoothing and class weights, accuracy."""

    def outputs(self, snapshot: Snapshot) -> int:
        """Return the number of labels.

        Raises:
            InvalidInputError: There are fewer than two.
        """
        count = len(snapshot.labels)
        if count < 2:
            raise InvalidInputError(f"Expected at least 2 labels to tell apart, got {count}. Add labels to the task.")
        return count

    def targets(self, snapshot: Snapshot, items: Sequence[SnapshotItem]) -> NDArray[np.float32]:
        """Return one-hot rows, shape ``(n, labels)``.

        Raises:
            InvalidInputError: An image has not exactly one label of the task.
        """
        index = snapshot.class_index()
        rows = np.zeros((len(items), len(index)), dtype=np.float32)
        for row, item in zip(rows, items, strict=True):
            if len(item.label_ids) != 1 or item.label_ids[0] not in index:
                raise InvalidInputError(
                    f"Expected one label of the task on image {item.image_id}, got {list(item.label_ids)}. "
                    "Label it again and take a new snapshot."
                )
            row[index[item.label_ids[0]]] = 1.0
        return rows

    def criterion(self, config: TrainConfig, targets: NDArray[np.float32]) -> Criterion:
        """Return cross-entropy; balanced class weights are scaled so that the mean weight of an image is 1."""
        weights = _balanced(targets) if config.class_weights == "balanced" else None

        def loss(outputs: Tensor, wanted: Tensor) -> Tensor:
            scale = None if weights is None else weights.to(outputs.device)
            return functional.cross_entropy(
                outputs.float(), wanted, weight=scale, label_smoothing=config.label_smoothing
            )

        return loss

    def metrics(self, outputs: NDArray[np.float32], targets: NDArray[np.float32]) -> dict[str, float]:
        """Return ``accuracy`` in [0, 1] and ``loss``, the plain cross-entropy."""
        loss = functional.cross_entropy(torch.from_numpy(outputs), torch.from_numpy(targets))
        return {"accuracy": float((outputs.argmax(1) == targets.argmax(1)).mean()), "loss": float(loss)}


def _balanced(targets: NDArray[np.float32]) -> Tensor:
    counts = targets.sum(axis=0)
    present = counts > 0
    weights = np.where(present, counts.sum() / (np.maximum(counts, 1) * present.sum()), 0.0)
    return torch.from_numpy(weights.astype(np.float32))


register_training("multi_class", MultiClassTraining())
