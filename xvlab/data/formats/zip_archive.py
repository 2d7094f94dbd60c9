"""Class folders in a zip archive. Members are read into memory one by one and never written to disk by their name."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from xvlab.errors import InvalidInputError, UnsupportedFormatError

from .entries import Entry, Listing, is_ignored, is_readable, problem
from .layout import find_layout

MAX_MEMBERS = 5_000_000
MAX_TOTAL_BYTES = 1 << 40
_MAX_RATIO = 1000
_RATIO_MATTERS_FROM_BYTES = 1 << 20
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


@contextmanager
def open_zip(
    file: Path, *, max_bytes: int, is_test: bool = False, max_total_bytes: int = MAX_TOTAL_BYTES
) -> Iterator[Listing]:
    """List the pictures of a zip archive laid out as class folders; entries can be read while the block lasts.

    Args:
        file: The archive.
        max_bytes: No member is unpacked further than this, whatever its header says.
        is_test: Set all of them apart for tests.
        max_total_bytes: Members behind the one that reaches this total are not taken.

    Raises:
        InvalidInputError: It is not a file.
        UnsupportedFormatError: It is not a zip archive, or has too many members.
    """
    if not file.is_file():
        raise InvalidInputError(f"Expected a zip archive, got {file}. Give a file that is there.")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnsupportedFormatError(f"{file.name} is not a zip archive ({error}). Give a .zip file.") from error
    with archive:
        yield _listing(archive, max_bytes=max_bytes, is_test=is_test, max_total_bytes=max_total_bytes)


def _listing(archive: zipfile.ZipFile, *, max_bytes: int, is_test: bool, max_total_bytes: int) -> Listing:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnsupportedFormatError(
            f"Expected at most {MAX_MEMBERS:,} members, got {len(members):,}. Split the archive."
        )
    listing = Listing()
    total = 0
    good: list[tuple[tuple[str, ...], zipfile.ZipInfo]] = []
    for member in members:
        name = _name(member)
        if member.is_dir() or any(is_ignored(part) for part in name.split("/") if part != ".."):
            continue
        reason = _fault(member, name)
        total += 0 if reason else member.file_size
        if reason or total > max_total_bytes:
            listing.problems.append(problem(name, reason or "archive_too_large"))
        else:
            good.append((tuple(part for part in name.split("/") if part not in {"", "."}), member))
    layout = find_layout((parts for parts, _ in good), may_be_wrapped=True)
    for parts, member in good:
        read = partial(_read_member, archive, member, max_bytes)
        flagged = is_test or layout.is_test(parts)
        listing.entries.append(Entry("/".join(parts), layout.label(parts), flagged, member.file_size, read))
    return listing


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; archives without the UTF-8 flag often hold UTF-8 all the same."""
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _fault(member: zipfile.ZipInfo, name: str) -> str:
    """Return the reason why a member is not read, or an empty text."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    path = PurePosixPath(name)
    if kind == stat.S_IFLNK:
        return "symlink"
    if path.is_absolute() or ".." in path.parts or "\\" in name or name[1:2] == ":":
        return "outside_source"
    if not is_readable(name) or not path.parts:
        return "unreadable_name"
    if kind not in {0, stat.S_IFREG}:
        return "not_a_file"
    if member.flag_bits & _ENCRYPTED_FLAG:
        return "encrypted"
    if member.file_size > max(_RATIO_MATTERS_FROM_BYTES, _MAX_RATIO * member.compress_size):
        return "suspicious_ratio"
    return ""


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Unpack at most one byte more than the limit, so that a lying header is found out."""
    try:
        with archive.open(member) as stream:
            return stream.read(max_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise OSError(f"The archive is damaged there: {error}") from error
