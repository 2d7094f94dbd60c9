"""Single images behind the numbers: the mistakes, and the images of one cell of the confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xvlab.data.predictions import Predictions


@dataclass(frozen=True, slots=True)
class FailedImage:
    """One image with what it is and what the model said.

    Attributes:
        image_id: Id of the image.
        split: ``evaluation`` or ``test``.
        true_index: Class it has.
        predicted_index: Class the model gave.
        score: Probability of the given class, in [0, 1].
        true_score: Probability of the true class, in [0, 1].
    """

    image_id: str
    split: str
    true_index: int
    predicted_index: int
    score: float
    true_score: float


def failed_images(predictions: Predictions, split: str | None = None) -> list[FailedImage]:
    """Return the images with a wrong answer, the most confident mistakes first.

    Args:
        predictions: Stored predictions.
        split: ``evaluation`` or ``test``; ``None`` takes both.
    """
    chosen = predictions if split is None else predictions.of_split(split)
    return _rows(chosen, chosen.predicted_index != chosen.true_index)


def images_in_cell(
    predictions: Predictions, true_index: int, predicted_index: int, split: str | None = None
) -> list[FailedImage]:
    """Return exactly the images that one cell of the confusion matrix counts, highest score first.

    Args:
        predictions: Stored predictions.
        true_index: Row of the cell.
        predicted_index: Column of the cell.
        split: ``evaluation`` or ``test``; ``None`` takes both.
    """
    chosen = predictions if split is None else predictions.of_split(split)
    return _rows(chosen, (chosen.true_index == true_index) & (chosen.predicted_index == predicted_index))


def _rows(predictions: Predictions, keep: NDArray[np.bool_]) -> list[FailedImage]:
    places = np.flatnonzero(keep)
    if not len(places):
        return []
    predicted, scores = predictions.predicted_index, predictions.score
    order = np.lexsort((predictions.image_ids[places], -scores[places]))
    return [
        FailedImage(
            image_id=str(predictions.image_ids[i]),
            split=str(predictions.splits[i]),
            true_index=int(predictions.true_index[i]),
            predicted_index=int(predicted[i]),
            score=float(scores[i]),
            true_score=float(predictions.probabilities[i, predictions.true_index[i]]),
        )
        for i in places[order]
    ]
