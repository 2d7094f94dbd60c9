"""The evaluation report of a classifier, from its stored predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xvlab.data.predictions import Predictions
from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import InvalidInputError

from .calibration import expected_calibration_error, reliability
from .confusion import averaged_scores, class_scores, confusion_matrix

REPORT_SPLITS = ("evaluation", "test")


def evaluate_classification(predictions: Predictions, labels: Sequence[SnapshotLabel]) -> dict[str, Any]:
    """Compute every number of the evaluation page.

    Args:
        predictions: Stored predictions with ``c`` columns.
        labels: The ``c`` labels in class order.

    Returns:
        JSON-able mapping with the keys ``evaluation`` and ``test``; a split without rows is ``None``.

    Raises:
        InvalidInputError: The number of labels and of columns differ, or a true class is out of range.
    """
    _check(predictions, len(labels))
    return {split: _report(predictions.of_split(split), labels) for split in REPORT_SPLITS}


def log_loss(probabilities: NDArray[np.float32], true_index: NDArray[np.int64]) -> float:
    """Return the mean negative logarithm of the true class's probability.

    Args:
        probabilities: Shape ``(n, c)``; rows are scaled to sum to 1 first, so that float32 rounding does no harm.
        true_index: Shape ``(n,)``.
    """
    exact = probabilities.astype(np.float64)
    smallest = np.finfo(probabilities.dtype).eps
    clipped = np.clip(exact / exact.sum(axis=1, keepdims=True), smallest, 1 - smallest)
    chosen: NDArray[np.float64] = clipped[np.arange(len(true_index)), true_index]
    return float(-np.log(chosen).mean())


def top_k_accuracy(probabilities: NDArray[np.float32], true_index: NDArray[np.int64], *, k: int) -> float:
    """Return the share of rows whose true class is among the ``k`` most probable ones; ties go to the lower class.

    Args:
        probabilities: Shape ``(n, c)``.
        true_index: Shape ``(n,)``.
        k: Number of classes to look at.
    """
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((best == true_index[:, None]).any(axis=1).mean())


def _check(predictions: Predictions, classes: int) -> None:
    columns = predictions.probabilities.shape[1] if predictions.probabilities.ndim == 2 else -1
    if columns != classes:
        raise InvalidInputError(
            f"Expected {classes} columns, one per label, got {columns}. Predict with this model again."
        )
    if len(predictions.true_index) and not 0 <= predictions.true_index.min() <= predictions.true_index.max() < classes:
        raise InvalidInputError(
            f"Expected true classes in [0, {classes}), got {predictions.true_index.min()} to "
            f"{predictions.true_index.max()}. Predict with this model's own snapshot."
        )


def _report(rows: Predictions, labels: Sequence[SnapshotLabel]) -> dict[str, Any] | None:
    count = len(rows.true_index)
    if not count:
        return None
    predicted = rows.predicted_index
    right = predicted == rows.true_index
    matrix = confusion_matrix(rows.true_index, predicted, classes=len(labels))
    table = reliability(rows.score, right)
    return {
        "count": count,
        "accuracy": float(right.mean()),
        "top_3_accuracy": top_k_accuracy(rows.probabilities, rows.true_index, k=3),
        **averaged_scores(matrix),
        "log_loss": log_loss(rows.probabilities, rows.true_index),
        "ece": expected_calibration_error(table),
        "confusion_matrix": matrix.tolist(),
        "per_label": _per_label(matrix, labels),
        "reliability": [row.as_dict() for row in table],
    }


def _per_label(matrix: NDArray[np.int64], labels: Sequence[SnapshotLabel]) -> list[dict[str, Any]]:
    scores = class_scores(matrix)
    return [
        {
            "label_id": label.id,
            "name": label.name,
            "precision": float(scores.precision[i]),
            "recall": float(scores.recall[i]),
            "f1": float(scores.f1[i]),
            "support": int(scores.support[i]),
        }
        for i, label in enumerate(labels)
    ]
