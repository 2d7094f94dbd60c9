"""Stored predictions: one row per image of the evaluation and test splits, kept with every model."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xvlab.errors import InvalidInputError


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a classifier answered for ``n`` images and ``c`` classes.

    Attributes:
        image_ids: Unicode array of shape ``(n,)``.
        splits: Unicode array of shape ``(n,)``: ``evaluation`` or ``test``.
        true_index: int64 array of shape ``(n,)``; the class index in the snapshot's label order.
        probabilities: float32 array of shape ``(n, c)``; rows sum to 1.
    """

    image_ids: NDArray[np.str_]
    splits: NDArray[np.str_]
    true_index: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.image_ids)
        if self.splits.shape != (n,) or self.true_index.shape != (n,) or self.probabilities.shape[:1] != (n,):
            raise InvalidInputError(
                f"Expected {n} rows everywhere, got splits {self.splits.shape}, true_index {self.true_index.shape}, "
                f"probabilities {self.probabilities.shape}. Predict again."
            )

    @property
    def predicted_index(self) -> NDArray[np.int64]:
        """Class of the highest probability, shape ``(n,)``."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def score(self) -> NDArray[np.float32]:
        """Highest probability, shape ``(n,)``."""
        return np.asarray(self.probabilities.max(axis=1, initial=0.0), dtype=np.float32)

    def of_split(self, split: str) -> Predictions:
        """Keep the rows of one split."""
        keep = self.splits == split
        return Predictions(self.image_ids[keep], self.splits[keep], self.true_index[keep], self.probabilities[keep])

    def to_bytes(self) -> bytes:
        """Write an uncompressed ``.npz`` without pickles."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            image_ids=self.image_ids,
            splits=self.splits,
            true_index=self.true_index,
            probabilities=self.probabilities,
        )
        return buffer.getvalue()


def read_predictions(data: bytes) -> Predictions:
    """Read what :meth:`Predictions.to_bytes` wrote.

    Raises:
        InvalidInputError: The bytes are not stored predictions.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            fields: dict[str, Any] = {name: arrays[name] for name in Predictions.__slots__}
        return Predictions(**fields)
    except (ValueError, KeyError, OSError) as error:
        raise InvalidInputError(
            f"These bytes are not stored predictions ({error}). Evaluate the model again."
        ) from error
