"""Fingerprints of pictures: equal bytes by sha256, near-identical pictures by a hash and a signature."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

SIGNATURE_SIDE = 8
SIGNATURE_BYTES = SIGNATURE_SIDE * SIGNATURE_SIDE * 3
_HASH_HEIGHT, _HASH_WIDTH = 8, 9


def sha256_of(data: bytes) -> str:
    """Return the address of bytes: 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def difference_hash(rgb: NDArray[np.uint8]) -> str:
    """Return 64 bits as 16 hex digits: is a cell of the 8 x 9 grey picture brighter than its left neighbour?

    Args:
        rgb: uint8, shape ``(h, w, 3)``.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_HASH_WIDTH, _HASH_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes().hex()


def signature(rgb: NDArray[np.uint8]) -> bytes:
    """Return the mean colours of an 8 x 8 grid, 192 bytes, row by row, RGB.

    Args:
        rgb: uint8, shape ``(h, w, 3)``.
    """
    small = cv2.resize(rgb, (SIGNATURE_SIDE, SIGNATURE_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8).tobytes()
