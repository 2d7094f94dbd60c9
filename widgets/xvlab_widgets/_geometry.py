"""Pure geometry, mirrored by ``js/shared/geometry.js``; both are checked against ``tests/cases/geometry.json``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def shrink_to_fit(size_wh: tuple[int, int], box_wh: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size with the same proportions inside a box.

    Args:
        size_wh: Width and height in pixels.
        box_wh: Width and height of the box in pixels.

    Returns:
        Width and height, each at least 1, never larger than ``size_wh``.
    """
    scale = min(1.0, box_wh[0] / size_wh[0], box_wh[1] / size_wh[1])
    return max(1, int(size_wh[0] * scale + 0.5)), max(1, int(size_wh[1] * scale + 0.5))


def part_bounds(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Return start and end of each part in a run of bytes made of parts of these sizes."""
    ends = list(accumulate(sizes))
    return [(end - size, end) for size, end in zip(sizes, ends, strict=True)]
