"""scikit-learn's digits as a snapshot, without a home and without a database."""

from __future__ import annotations

import hashlib

import numpy as np
from sklearn.datasets import load_digits

from xvlab.data.images import encode_png
from xvlab.data.snapshot import SnapshotItem, SnapshotLabel, TrainingData, make_snapshot

LABELS = tuple(SnapshotLabel(f"id-{digit}", str(digit)) for digit in range(10))


def digits_data(count: int = 1797, *, held_out: bool = True) -> TrainingData:
    """Return ``count`` digits; a fifth is test, a fifth held out unless ``held_out`` is false."""
    images, classes = load_digits(return_X_y=True)
    blobs: dict[str, bytes] = {}
    items = []
    for place, index in enumerate(np.random.default_rng(0).permutation(len(classes))[:count]):
        grey = (images[index].reshape(8, 8) * 255 / 16).astype(np.uint8)
        data = encode_png(np.repeat(grey[:, :, None], 3, axis=2))
        sha256 = hashlib.sha256(data).hexdigest()
        blobs[sha256] = data
        split = {0: "test", 1: "evaluation" if held_out else "train"}.get(place % 5, "train")
        items.append(SnapshotItem(f"image-{place:04d}", sha256, split, (f"id-{classes[index]}",)))
    snapshot = make_snapshot(
        task_id="digits", kind="multi_class", seed=0, evaluation_share=0.2, labels=LABELS, items=items
    )
    return TrainingData(snapshot, blobs.__getitem__)
