"""What a reader finds: entries to take in, and problems with the reason why something is not taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

ENTRY_PROBLEMS: dict[str, str] = {
    "symlink": "It is a symbolic link; links are not followed.",
    "outside_source": "Its path leads out of the source.",
    "unreadable_name": "Its name is not text in the system's encoding, or holds control characters.",
    "not_a_file": "It is no regular file.",
    "not_found": "There is no such file.",
    "unreadable": "It cannot be read.",
    "wrong_value": "A cell of its row has a value that is not understood.",
    "encrypted": "It is encrypted.",
    "suspicious_ratio": "It would grow more than a thousandfold when unpacked.",
    "archive_too_large": "The files before it already unpack to the limit for one archive.",
    "conflicting_label": "The same picture has another label of the same task already; that one is kept.",
    "conflicting_split": "The same picture is there as a test image and as a training image; the first one is kept.",
}
"""Reason for machines to its meaning for people, beside :data:`xvlab.data.images.REJECTION_REASONS`."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_IGNORED_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something that was not taken in, or not wholly.

    Attributes:
        path: Where it is, relative to the source.
        reason: A key of :data:`ENTRY_PROBLEMS` or of :data:`xvlab.data.images.REJECTION_REASONS`.
        message: For people.
    """

    path: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture to take in.

    Attributes:
        path: Where it is, relative to the source; becomes the image's name.
        label: Name of its label; ``None`` when it comes without one.
        is_test: Whether the source sets it apart for tests.
        byte_count: Bytes to expect; 0 when nobody knows.
        read: Returns the bytes; called in a worker thread.
    """

    path: str
    label: str | None
    is_test: bool
    byte_count: int
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a reader found, in the order of the source."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)


def problem(path: str, reason: str, detail: str = "") -> ImportProblem:
    """Make a problem with the standard sentence of its reason."""
    return ImportProblem(readable(path), reason, f"{ENTRY_PROBLEMS[reason]} {detail}".strip())


def readable(text: str) -> str:
    """Return text that every database and screen takes: undecodable bytes and control characters as escapes."""
    return _UNREADABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def is_readable(text: str) -> bool:
    """Whether a name is text that can be stored and shown as it is."""
    return _UNREADABLE.search(text) is None


def is_ignored(name: str) -> bool:
    """Whether a file or folder is the system's and no business of ours: hidden ones, ``Thumbs.db`` and the like."""
    return name.startswith(".") or name.lower() in _IGNORED_NAMES
