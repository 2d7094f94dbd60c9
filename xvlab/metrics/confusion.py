"""Confusion matrix and what follows from it: precision, recall and F1 per class and averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Scores of ``c`` classes.

    Attributes:
        precision: Float64 array of shape ``(c,)`` in [0, 1]; 0 where nothing was predicted as the class.
        recall: Float64 array of shape ``(c,)`` in [0, 1]; 0 where the class does not occur.
        f1: Float64 array of shape ``(c,)`` in [0, 1].
        support: Int64 array of shape ``(c,)``: images that have the class.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]


def confusion_matrix(
    true_index: NDArray[np.int64], predicted_index: NDArray[np.int64], *, classes: int
) -> NDArray[np.int64]:
    """Count pairs of true and predicted class.

    Args:
        true_index: Shape ``(n,)``, values in ``[0, classes)``.
        predicted_index: Shape ``(n,)``, values in ``[0, classes)``.
        classes: Number of classes ``c``.

    Returns:
        Shape ``(c, c)``: row is the true class, column the predicted one.
    """
    cells = np.bincount(true_index * classes + predicted_index, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def _ratio(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def class_scores(matrix: NDArray[np.int64]) -> ClassScores:
    """Return precision, recall, F1 and support of each class of a confusion matrix of shape ``(c, c)``."""
    hits = np.diag(matrix).astype(np.float64)
    predicted = matrix.sum(axis=0).astype(np.float64)
    support = matrix.sum(axis=1)
    true = support.astype(np.float64)
    return ClassScores(_ratio(hits, predicted), _ratio(hits, true), _ratio(2 * hits, predicted + true), support)


def averaged_scores(matrix: NDArray[np.int64]) -> dict[str, float]:
    """Return the macro and weighted averages of precision, recall and F1.

    Macro averages run over the classes that occur as truth or as prediction, as scikit-learn does by default; weighted
    ones weigh each class by its support.
    """
    scores = class_scores(matrix)
    occurs = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    averages: dict[str, float] = {}
    for name in ("precision", "recall", "f1"):
        values: NDArray[np.float64] = getattr(scores, name)
        averages[f"{name}_macro"] = float(values[occurs].mean()) if occurs.any() else 0.0
        total = scores.support.sum()
        averages[f"{name}_weighted"] = float((values * scores.support).sum() / total) if total else 0.0
    return averages
