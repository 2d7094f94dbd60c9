"""Class folders: one folder for each label, pictures inside, links never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from xvlab.errors import InvalidInputError

from .entries import Entry, Listing, is_ignored, is_readable, problem
from .layout import find_layout


@dataclass(frozen=True, slots=True)
class _Found:
    parts: tuple[str, ...]
    byte_count: int
    fault: str = ""


def read_folder(folder: Path, *, is_test: bool = False) -> Listing:
    """List the pictures of class folders, in the order of their names; see :mod:`xvlab.data.formats.layout`.

    Args:
        folder: The folder that holds the class folders.
        is_test: Set all of them apart for tests.

    Raises:
        InvalidInputError: It is not a folder.
    """
    if not folder.is_dir():
        raise InvalidInputError(f"Expected a folder of class folders, got {folder}. Give a folder that is there.")
    root = folder.resolve()
    found = list(_walk(root, ()))
    layout = find_layout((item.parts for item in found if not item.fault), may_be_wrapped=False)
    listing = Listing()
    for item in found:
        path = "/".join(item.parts)
        if item.fault:
            listing.problems.append(problem(path, item.fault))
            continue
        read = partial(read_regular_file, f"{root}/{path}")
        flagged = is_test or layout.is_test(item.parts)
        listing.entries.append(Entry(path, layout.label(item.parts), flagged, item.byte_count, read))
    return listing


def read_regular_file(path: str) -> bytes:
    """Read a file that must not be a link (not even one that took its place a moment ago), a pipe or a device."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is no regular file")
        return file.read() or b""


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[_Found]:
    try:
        with os.scandir(folder) as scan:
            children = sorted(scan, key=lambda child: os.fsencode(child.name))
    except OSError:
        yield _Found(above, 0, "unreadable")
        return
    for child in children:
        if is_ignored(child.name):
            continue
        parts = (*above, child.name)
        if child.is_symlink():
            yield _Found(parts, 0, "symlink")
        elif not is_readable(child.name):
            yield _Found(parts, 0, "unreadable_name")
        elif child.is_dir(follow_symlinks=False):
            yield from _walk(Path(child.path), parts)
        elif child.is_file(follow_symlinks=False):
            yield _Found(parts, child.stat(follow_symlinks=False).st_size)
        else:
            yield _Found(parts, 0, "not_a_file")
