"""Decoded, resized images of a snapshot on disk, so that later epochs are bound by the model and not by decoding."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xvlab.data.snapshot import SnapshotItem
from xvlab.errors import ImageRejectedError, InvalidInputError
from xvlab.models import Preprocessing

FORMAT_VERSION = 1
_CHUNK = 512


def cached_pixels(
    folder: Path,
    items: Sequence[SnapshotItem],
    read_image: Callable[[str], bytes],
    preprocessing: Preprocessing,
    *,
    on_progress: Callable[[int, int], None],
) -> NDArray[np.uint8]:
    """Return the pixels of all items, decoding them the first time only.

    Args:
        folder: Where the cache lies; a file that is there for the same items and size is used.
        items: What to decode, in order.
        read_image: Takes a sha256, returns encoded bytes; called from several threads.
        preprocessing: How images are resized.
        on_progress: Called with the number of decoded images and of all images.

    Returns:
        Memory-mapped uint8 array of shape ``(n, s, s, 3)``, read only.

    Raises:
        InvalidInputError: An image cannot be decoded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    side = preprocessing.image_size
    shape = (len(items), side, side, 3)
    path = folder / f"pixels-{_key(items, side)}.u8"
    if not items:
        return np.zeros(shape, dtype=np.uint8)
    if not (path.is_file() and path.stat().st_size == int(np.prod(shape))):
        _write(path, shape, items, lambda item: _decode(item, read_image, preprocessing), on_progress)
    return np.memmap(path, dtype=np.uint8, mode="r", shape=shape)


def _key(items: Sequence[SnapshotItem], side: int) -> str:
    body = json.dumps([FORMAT_VERSION, side, [item.sha256 for item in items]])
    return hashlib.sha256(body.encode()).hexdigest()[:24]


def _decode(item: SnapshotItem, read_image: Callable[[str], bytes], preprocessing: Preprocessing) -> NDArray[np.uint8]:
    try:
        return preprocessing.decode(read_image(item.sha256))
    except ImageRejectedError as error:
        raise InvalidInputError(
            f"Image {item.image_id} of the snapshot cannot be decoded: {error} Exclude it and take a new snapshot."
        ) from error


def _write(
    path: Path,
    shape: tuple[int, ...],
    items: Sequence[SnapshotItem],
    decode: Callable[[SnapshotItem], NDArray[np.uint8]],
    on_progress: Callable[[int, int], None],
) -> None:
    unfinished = path.with_suffix(".part")
    pixels = np.memmap(unfinished, dtype=np.uint8, mode="w+", shape=shape)
    with ThreadPoolExecutor(max_workers=min(16, os.cpu_count() or 1)) as pool:
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            for place, image in enumerate(pool.map(decode, chunk), start):
                pixels[place] = image
            on_progress(start + len(chunk), len(items))
    pixels.flush()
    del pixels
    unfinished.replace(path)
