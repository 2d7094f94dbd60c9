"""A CSV table of paths and labels, with pictures beside it or in folders below it."""

from __future__ import annotations

import csv
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from xvlab.errors import InvalidInputError, UnsupportedFormatError

from .entries import Entry, ImportProblem, Listing, is_readable, problem
from .folders import read_regular_file

_TRUE = {"1", "true", "yes", "y", "test"}
_FALSE = {"", "0", "false", "no", "n", "train"}


@dataclass(frozen=True, slots=True)
class _Columns:
    image: int
    label: int
    test: int | None


def read_csv(
    file: Path,
    *,
    image_column: str = "image",
    label_column: str = "label",
    test_column: str = "test",
    is_test: bool = False,
) -> Listing:
    """List the rows of a CSV file in UTF-8; the separator (comma, semicolon or tab) is found in its first line.

    Args:
        file: The table; paths in it are relative to its folder and never lead out of it.
        image_column: Column with the paths.
        label_column: Column with the names of the labels; an empty cell means no label.
        test_column: Column with 1/true/yes/test for test images; the table need not have it.
        is_test: Set all of them apart for tests.

    Raises:
        InvalidInputError: It is not a file, or lacks a column.
        UnsupportedFormatError: It is not a CSV file in UTF-8.
    """
    if not file.is_file():
        raise InvalidInputError(f"Expected a CSV file, got {file}. Give a file that is there.")
    rows = _rows(file)
    columns = _columns(rows[0] if rows else [], image_column, label_column, test_column, file)
    root = file.parent.resolve()
    listing = Listing()
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        found = _entry(root, row, columns, line=number, is_test=is_test)
        if isinstance(found, Entry):
            listing.entries.append(found)
        else:
            listing.problems.append(found)
    return listing


def _rows(file: Path) -> list[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            separator = max(",;\t", key=first.count)
            return list(csv.reader(stream, delimiter=separator, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{file.name} is not a CSV file in UTF-8 ({error}). Save it as CSV with UTF-8 encoding."
        raise UnsupportedFormatError(message) from error


def _columns(header: Sequence[str], image: str, label: str, test: str, file: Path) -> _Columns:
    places = {name.strip().lower(): place for place, name in reversed(list(enumerate(header)))}
    for wanted in (image, label):
        if wanted.lower() not in places:
            got = ", ".join(repr(name) for name in header[:20]) or "an empty first line"
            message = f"Expected the column {wanted!r} in the first line of {file.name}, got {got}. "
            raise InvalidInputError(message + "Name the columns there, or say which to take.", field=wanted)
    return _Columns(places[image.lower()], places[label.lower()], places.get(test.lower()))


def _entry(root: Path, row: Sequence[str], columns: _Columns, *, line: int, is_test: bool) -> Entry | ImportProblem:
    name, label, flag = (
        row[place].strip() if place is not None and place < len(row) else ""
        for place in (columns.image, columns.label, columns.test)
    )
    shown = name or f"line {line}"
    if flag.lower() not in _TRUE | _FALSE:
        return problem(shown, "wrong_value", f"Line {line} has {flag[:40]!r} as test flag; use 1 or 0.")
    if not name or not is_readable(name) or not is_readable(label):
        return problem(shown, "unreadable_name", f"Line {line} has no usable path or label.")
    return _located(root, name, label or None, line=line, is_test=is_test or flag.lower() in _TRUE)


def _located(root: Path, name: str, label: str | None, *, line: int, is_test: bool) -> Entry | ImportProblem:
    path = root / name
    try:
        inside = path.resolve().is_relative_to(root) and not Path(name).is_absolute()
        if not inside:
            reason = "symlink" if path.is_symlink() and path.parent.resolve().is_relative_to(root) else "outside_source"
            return problem(name, reason, f"Line {line} points there.")
        if path.is_symlink():
            return problem(name, "symlink", f"Line {line} points there.")
        status = path.stat()
    except (OSError, RuntimeError):
        return problem(name, "not_found", f"Line {line} points there.")
    if not stat.S_ISREG(status.st_mode):
        return problem(name, "not_a_file", f"Line {line} points there.")
    return Entry(Path(name).as_posix(), label, is_test, status.st_size, partial(read_regular_file, str(path)))
