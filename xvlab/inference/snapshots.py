"""Predict the held-out and test images of a snapshot; the evaluation is computed from what this stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from xvlab.data.predictions import Predictions
from xvlab.data.snapshot import SnapshotItem, Split, TrainingData
from xvlab.errors import InvalidInputError

from .predictor import MOST_IMAGES_AT_ONCE, Predictor

_PER_READ = 4 * MOST_IMAGES_AT_ONCE


def predict_snapshot(
    predictor: Predictor,
    data: TrainingData,
    *,
    splits: Sequence[Split] = ("evaluation", "test"),
    on_progress: Callable[[int, int], None] | None = None,
) -> Predictions:
    """Predict every image of some splits.

    Args:
        predictor: A model of the same task.
        data: The snapshot and the way to its images.
        splits: Which splits, in the snapshot's order of images.
        on_progress: Called with the number of predicted images and of all.

    Raises:
        InvalidInputError: The model has other labels than the snapshot, or an image has not exactly one label.
    """
    items = data.snapshot.of_split(*splits)
    true_index = np.array([_true_index(predictor, item) for item in items], dtype=np.int64)
    rows: list[NDArray[np.float32]] = [np.zeros((0, len(predictor.labels)), dtype=np.float32)]
    for start in range(0, len(items), _PER_READ):
        part = items[start : start + _PER_READ]
        rows.append(predictor.predict([data.read_image(item.sha256) for item in part]))
        if on_progress is not None:
            on_progress(start + len(part), len(items))
    return Predictions(
        image_ids=np.array([item.image_id for item in items], dtype=np.str_),
        splits=np.array([item.split for item in items], dtype=np.str_),
        true_index=true_index,
        probabilities=np.concatenate(rows),
    )


def _true_index(predictor: Predictor, item: SnapshotItem) -> int:
    places = {label.id: place for place, label in enumerate(predictor.labels)}
    if len(item.label_ids) != 1 or item.label_ids[0] not in places:
        raise InvalidInputError(
            f"Expected one of the model's labels on image {item.image_id}, got {list(item.label_ids)}. "
            "Evaluate on a snapshot of the model's own task."
        )
    return places[item.label_ids[0]]
