"""Which images are learned from, held out, or kept for tests: stratified by label, by seed, twins on one side.

Test images are always ``test``. Of the others, a share of each label is held out for evaluation; near-identical images
go to the same side. An image that is near-identical to a test image is left out altogether: learned from, it would
flatter the test; as an evaluation image, it would choose the epoch by the test. The order in which images are drawn
depends on the seed and their bytes only, so an added image does not shuffle the others.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from xvlab.errors import InvalidInputError

from .snapshot import Split

MIN_IMAGES_PER_LABEL = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image that may be part of a snapshot: address, class index, group of near-identical ones, test flag."""

    sha256: str
    label: int
    group: int
    is_test: bool


def assign_splits(candidates: Sequence[Candidate], *, seed: int, evaluation_share: float) -> list[Split | None]:
    """Return the split of each candidate; ``None`` leaves it out because a test image is near-identical.

    Every label with two groups of images or more has images on both sides.

    Args:
        candidates: In any order; the result does not depend on it.
        seed: Of the draw.
        evaluation_share: Share of each label's images that is held out, in (0, 1).

    Raises:
        InvalidInputError: The share is not inside (0, 1).
    """
    if not 0 < evaluation_share < 1:
        message = f"Expected an evaluation share between 0 and 1, got {evaluation_share}. 0.2 is usual."
        raise InvalidInputError(message, field="evaluation_share")
    tested = {candidate.group for candidate in candidates if candidate.is_test}
    held_out = _held_out([c for c in candidates if c.group not in tested], seed, evaluation_share)
    return [_split(candidate, tested, held_out) for candidate in candidates]


def _split(candidate: Candidate, tested: set[int], held_out: set[int]) -> Split | None:
    if candidate.is_test:
        return "test"
    if candidate.group in tested:
        return None
    return "evaluation" if candidate.group in held_out else "train"


def _held_out(candidates: Sequence[Candidate], seed: int, share: float) -> set[int]:
    """Draw groups for evaluation, label by label, until each label's share is reached."""
    members: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        members[candidate.group].append(candidate)
    by_label: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for group, inside in members.items():
        first = min(inside, key=lambda candidate: candidate.sha256)
        by_label[first.label].append((_draw(seed, first.sha256), group, len(inside)))
    drawn: set[int] = set()
    for groups in by_label.values():
        drawn.update(_fill(sorted(groups), share))
    return drawn


def _fill(groups: Sequence[tuple[str, int, int]], share: float) -> list[int]:
    """Take groups in their order as long as the share is not passed; at least one, never all."""
    target = max(1, round(share * sum(size for _, _, size in groups)))
    taken: list[int] = []
    filled = 0
    for _, group, size in groups[:-1]:
        if filled + size <= target:
            taken.append(group)
            filled += size
    if not taken and len(groups) > 1:
        taken.append(min(groups, key=lambda entry: (entry[2], entry[0]))[1])
    return taken


def _draw(seed: int, sha256: str) -> str:
    return hashlib.sha256(f"{seed}:{sha256}".encode()).hexdigest()


def labels_too_small(candidates: Sequence[Candidate], label_count: int) -> list[tuple[int, int]]:
    """Return (class index, images that are not test images) of the labels that have too few to learn from."""
    counted = Counter(candidate.label for candidate in candidates if not candidate.is_test)
    return [(label, counted[label]) for label in range(label_count) if counted[label] < MIN_IMAGES_PER_LABEL]
