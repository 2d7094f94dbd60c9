"""Fashion-MNIST from its idx files as a snapshot in memory."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xvlab.data.images import encode_png
from xvlab.data.snapshot import SnapshotItem, SnapshotLabel, TrainingData, make_snapshot

NAMES = (
    "T-shirt or top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "fashion-mnist"


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an idx file of unsigned bytes: images ``(n, 28, 28)`` or labels ``(n,)``."""
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    shape = np.frombuffer(data, dtype=">u4", count=dimensions, offset=4)
    return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def fashion_mnist(folder: Path = FOLDER, *, evaluation_share: float = 0.2) -> TrainingData:
    """Return the 60,000 training images, some of them held out, and the 10,000 test images."""
    blobs: dict[str, bytes] = {}
    items = []
    rng = np.random.default_rng(0)
    for part in ("train", "t10k"):
        images = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
        labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
        for place, (image, label) in enumerate(zip(images, labels, strict=True)):
            data = encode_png(np.repeat(image[:, :, None], 3, axis=2))
            sha256 = hashlib.sha256(data).hexdigest()
            blobs[sha256] = data
            held_out = "evaluation" if rng.random() < evaluation_share else "train"
            split = "test" if part == "t10k" else held_out
            items.append(SnapshotItem(f"{part}-{place:05d}", sha256, split, (f"label-{label}",)))
    snapshot = make_snapshot(
        task_id="fashion-mnist",
        kind="multi_class",
        seed=0,
        evaluation_share=evaluation_share,
        labels=[SnapshotLabel(f"label-{i}", name) for i, name in enumerate(NAMES)],
        items=items,
    )
    return TrainingData(snapshot, blobs.__getitem__)
