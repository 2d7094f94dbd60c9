"""How a path inside a source becomes a label and the test flag.

``<class>/…/file`` gives the label ``<class>``; a file at the top has none. When all folders at the top are called
``train``, ``val``, ``validation``, ``test`` or alike and hold folders themselves, the class is one level deeper and
everything under ``test`` is a test image; validation images join the training images, whose held-out share is drawn
anew by each snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TRAIN_FOLDERS = {"train", "training", "val", "valid", "validation", "evaluation"}
TEST_FOLDERS = {"test", "testing"}

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a path the class stands: ``depth`` folders down, behind a wrapper and a split folder, if any."""

    depth: int
    has_splits: bool

    def label(self, parts: Parts) -> str | None:
        """Return the class folder's name, or ``None`` for a file above the class folders."""
        return parts[self.depth] if len(parts) > self.depth + 1 else None

    def is_test(self, parts: Parts) -> bool:
        """Whether the path lies under a test folder."""
        return self.has_splits and len(parts) > self.depth and parts[self.depth - 1].lower() in TEST_FOLDERS


def find_layout(paths: Iterable[Parts], *, may_be_wrapped: bool) -> Layout:
    """Look at all paths (folders and file name) and tell where the classes stand.

    Args:
        paths: Paths relative to the source.
        may_be_wrapped: Whether one folder around everything is packaging and no class (archives often have one).
    """
    known = list(paths)
    start = 0
    if may_be_wrapped and known and len({parts[0] for parts in known}) == 1 and min(map(len, known)) >= 3:
        start = 1
    top = {parts[start].lower() for parts in known if len(parts) > start + 1}
    deep = any(len(parts) > start + 2 for parts in known)
    has_splits = bool(top) and deep and top <= TRAIN_FOLDERS | TEST_FOLDERS
    return Layout(start + has_splits, has_splits)
