"""Fingerprints of pictures: equal bytes by sha256, near-identical pictures by a hash and a signature."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from .images import block_mean

SIGNATURE_SIDE = 8
SIGNATURE_BYTES = SIGNATURE_SIDE * SIGNATURE_SIDE * 3
_COMMON_HEIGHT, _COMMON_WIDTH = 64, 72
"""A size that both the 8 x 9 grid of the hash and the 8 x 8 grid of the signature divide."""


def sha256_of(data: bytes) -> str:
    """Return the address of bytes: 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def fingerprints(rgb: NDArray[np.uint8]) -> tuple[str, bytes]:
    """Return the difference hash and the signature of an image.

    The hash is 64 bits as 16 hex digits: is a cell of the 8 x 9 grey picture brighter than its left neighbour? The
    signature is the mean colours of an 8 x 8 grid, 192 bytes, row by row, RGB.

    Args:
        rgb: uint8, shape ``(h, w, 3)``; a thumbnail will do.
    """
    factor = max(1, min(rgb.shape[0] // _COMMON_HEIGHT, rgb.shape[1] // _COMMON_WIDTH))
    common = cv2.resize(block_mean(rgb, factor), (_COMMON_WIDTH, _COMMON_HEIGHT), interpolation=cv2.INTER_LINEAR)
    colours = cv2.resize(common, (SIGNATURE_SIDE, SIGNATURE_SIDE), interpolation=cv2.INTER_AREA)
    cells = cv2.resize(cv2.cvtColor(common, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
    return np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes().hex(), np.asarray(colours, dtype=np.uint8).tobytes()
