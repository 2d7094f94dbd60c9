"""Calibration: does a score of 0.8 mean that 8 of 10 such answers are right?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers whose score lies in ``(lower, upper]``; the first bin also takes a score of 0.

    Attributes:
        lower: Lower edge, in [0, 1].
        upper: Upper edge, in [0, 1].
        count: Number of answers in the bin.
        confidence: Mean score of the bin; 0 when it is empty.
        accuracy: Share of right answers in the bin; 0 when it is empty.
    """

    lower: float
    upper: float
    count: int
    confidence: float
    accuracy: float

    def as_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def reliability(scores: NDArray[np.floating], right: NDArray[np.bool_], *, bins: int = 15) -> list[ReliabilityBin]:
    """Group answers by score into bins of equal width.

    Args:
        scores: Highest probability of each answer, shape ``(n,)``.
        right: Whether the answer is the true class, shape ``(n,)``.
        bins: Number of bins over [0, 1].
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    values = scores.astype(np.float64)
    place = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    filled = np.maximum(count, 1)
    confidence = np.bincount(place, weights=values, minlength=bins) / filled
    accuracy = np.bincount(place, weights=right.astype(np.float64), minlength=bins) / filled
    return [
        ReliabilityBin(float(edges[i]), float(edges[i + 1]), int(count[i]), float(confidence[i]), float(accuracy[i]))
        for i in range(bins)
    ]


def expected_calibration_error(table: list[ReliabilityBin]) -> float:
    """Return the mean distance of confidence and accuracy over the answers (ECE), in [0, 1]; 0 without answers."""
    total = sum(row.count for row in table)
    if not total:
        return 0.0
    return sum(row.count * abs(row.confidence - row.accuracy) for row in table) / total
