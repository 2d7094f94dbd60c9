"""Finding near-identical pictures among many: the same shot, saved again, resized or slightly retouched.

Two pictures are near-identical when their signatures (8 x 8 mean colours) differ by at most 2 levels of 255 in the root
mean square and their difference hashes in at most 10 of 64 bits. Pictures of the same kind of thing are far from that,
even small grey ones: of Fashion-MNIST's 70,000 pictures only a few dozen have such a twin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .hashing import SIGNATURE_BYTES

MAX_ROOT_MEAN_SQUARE = 2.0
MAX_HASH_BITS = 10
_PROJECTIONS = 4
_PAIRS_AT_ONCE = 2_000_000
_FEW = 300
"""Up to so many pictures, comparing all of them costs less than finding the projections."""


def near_identical_groups(signatures: Sequence[bytes], perceptual_hashes: Sequence[str]) -> NDArray[np.int64]:
    """Return the group of each of ``n`` pictures, shape ``(n,)``; near-identical ones (also over a third) share one.

    Args:
        signatures: 192 bytes each; see :func:`xvlab.data.hashing.fingerprints`.
        perceptual_hashes: 16 hex digits each.
    """
    count = len(signatures)
    if count == 0:
        return np.empty(0, np.int64)
    colours = np.frombuffer(b"".join(signatures), np.uint8).reshape(count, SIGNATURE_BYTES)
    hashes = np.frombuffer(bytes.fromhex("".join(perceptual_hashes)), np.uint64)
    both = np.concatenate([colours, hashes.view(np.uint8).reshape(count, 8)], axis=1)
    _, first, same = np.unique(both, axis=0, return_index=True, return_inverse=True)
    colours, hashes = colours[first], hashes[first]
    candidates = _candidates(colours) if len(first) > _FEW else _all_pairs(len(first))
    edges = [_verified(pairs, colours, hashes) for pairs in candidates]
    linked = np.concatenate(edges) if edges else np.empty((0, 2), np.int64)
    groups: NDArray[np.int64] = _components(len(first), linked)[same.reshape(-1)]
    return groups


def _verified(pairs: NDArray[np.int64], colours: NDArray[np.uint8], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Keep the pairs, shape ``(p, 2)``, that really are near-identical."""
    left, right = pairs[:, 0], pairs[:, 1]
    pairs = pairs[np.bitwise_count(hashes[left] ^ hashes[right]) <= MAX_HASH_BITS]
    difference = colours[pairs[:, 0]].astype(np.int32) - colours[pairs[:, 1]]
    near: NDArray[np.int64] = pairs[np.square(difference).mean(axis=1) <= MAX_ROOT_MEAN_SQUARE**2]
    return near


def _all_pairs(count: int) -> Iterator[NDArray[np.int64]]:
    yield np.stack(np.triu_indices(count, 1), axis=1)


def _candidates(colours: NDArray[np.uint8]) -> Iterator[NDArray[np.int64]]:
    """Yield pairs, shape ``(p, 2)``, among which are all pairs within the tolerance.

    A distance never grows by projection. So the pictures are put into the cells of a grid over their first principal
    projections, one tolerance wide, and only neighbours in the grid are compared.
    """
    tolerance = MAX_ROOT_MEAN_SQUARE * SIGNATURE_BYTES**0.5
    centred = colours.astype(np.float32) - colours.mean(axis=0, dtype=np.float64).astype(np.float32)
    _, axes = np.linalg.eigh(centred.T @ centred)
    cells = np.floor((centred @ axes[:, -_PROJECTIONS:]) / tolerance).astype(np.int64)
    cells -= cells.min(axis=0) - 1
    spans = cells.max(axis=0) + 2
    strides = np.concatenate([np.cumprod(spans[:0:-1])[::-1], [1]]).astype(np.int64)
    keys = cells @ strides
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    for step in product((-1, 0, 1), repeat=_PROJECTIONS):
        shift = int(np.dot(step, strides))
        if shift < 0:
            continue
        begin = np.searchsorted(ordered, ordered + shift, "left")
        end = np.searchsorted(ordered, ordered + shift, "right")
        if shift == 0:
            begin = np.arange(1, len(ordered) + 1)
        yield from _expand(order, begin, np.maximum(end, begin))


def _expand(order: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield all pairs of ``order[i]`` with ``order[begin[i]:end[i]]``, some millions at a time."""
    lengths = end - begin
    upto = np.cumsum(lengths)
    start = 0
    while start < len(order):
        stop = max(start + 1, int(np.searchsorted(upto, (upto[start - 1] if start else 0) + _PAIRS_AT_ONCE, "right")))
        counts = lengths[start:stop]
        total = int(counts.sum())
        if total:
            left = np.repeat(np.arange(start, stop), counts)
            inside = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
            yield np.stack([order[left], order[np.repeat(begin[start:stop], counts) + inside]], axis=1)
        start = stop


def _components(count: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the smallest member of each node's connected component, shape ``(count,)``."""
    smallest = np.arange(count)
    while True:
        before = smallest.copy()
        low = np.minimum(smallest[edges[:, 0]], smallest[edges[:, 1]])
        np.minimum.at(smallest, edges[:, 0], low)
        np.minimum.at(smallest, edges[:, 1], low)
        smallest = smallest[smallest]
        if np.array_equal(before, smallest):
            return smallest
