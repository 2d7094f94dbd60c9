"""Reading, hashing, decoding and thumbnails on all cores, in the order of the source, never far ahead of the writer."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import cv2

from xvlab._settings import Settings
from xvlab.data.formats import Entry, ImportProblem
from xvlab.data.formats.entries import problem
from xvlab.data.hashing import sha256_of
from xvlab.data.images import REJECTION_REASONS
from xvlab.data.prepared import PreparedImage, prepare_image
from xvlab.errors import ImageRejectedError

_CHUNK_ENTRIES = 32
_CHUNK_BYTES = 16_000_000
_ENTRIES_AHEAD = 1024
_BYTES_AHEAD = 128_000_000
"""Enough that the cores do not stand still while a batch is written, and a bound on memory."""

Known = Callable[[list[str]], set[str]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that was looked at: prepared, known to the workspace (``prepared`` is ``None``), or a problem.

    Attributes:
        entry: Where it came from.
        sha256: Address of its bytes; empty when there is a problem.
        prepared: What to store.
        problem: Why it is not taken.
    """

    entry: Entry
    sha256: str = ""
    prepared: PreparedImage | None = None
    problem: ImportProblem | None = None


def arrivals(entries: Sequence[Entry], settings: Settings, known: Known) -> Iterator[list[Arrival]]:
    """Look at all entries on all cores; lists of a few come in the order of the source.

    Args:
        entries: What to take in.
        settings: Limits on pixels and bytes.
        known: Tells which of these sha256 the workspace has; their pictures are not decoded again.
    """
    pending: deque[tuple[Future[list[Arrival]], int, int]] = deque()
    ahead = bytes_ahead = 0
    with _one_thread_each(), ThreadPoolExecutor(_cores(), thread_name_prefix="xvlab-import") as pool:
        try:
            for chunk in _chunks(entries):
                size = sum(entry.byte_count for entry in chunk)
                pending.append((pool.submit(_arrive, chunk, settings, known), len(chunk), size))
                ahead, bytes_ahead = ahead + len(chunk), bytes_ahead + size
                while pending and (ahead > _ENTRIES_AHEAD or bytes_ahead > _BYTES_AHEAD):
                    future, length, size = pending.popleft()
                    ahead, bytes_ahead = ahead - length, bytes_ahead - size
                    yield future.result()
            while pending:
                yield pending.popleft()[0].result()
        finally:
            for future, _, _ in pending:
                future.cancel()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Keep OpenCV from starting threads of its own below ours: it doubles the time of a small picture."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    chunk: list[Entry] = []
    size = 0
    for entry in entries:
        chunk.append(entry)
        size += entry.byte_count
        if len(chunk) >= _CHUNK_ENTRIES or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _arrive(chunk: list[Entry], settings: Settings, known: Known) -> list[Arrival]:
    read = [_read(entry, settings) for entry in chunk]
    addresses = [sha256_of(data) if isinstance(data, bytes) else "" for data in read]
    there = known([address for address in addresses if address])
    return [
        Arrival(entry, problem=data)
        if isinstance(data, ImportProblem)
        else Arrival(entry, address)
        if address in there
        else _prepare(entry, data, address, settings)
        for entry, data, address in zip(chunk, read, addresses, strict=True)
    ]


def _read(entry: Entry, settings: Settings) -> bytes | ImportProblem:
    if entry.byte_count > settings.max_image_bytes:
        return ImportProblem(entry.path, "too_many_bytes", REJECTION_REASONS["too_many_bytes"])
    try:
        return entry.read()
    except FileNotFoundError:
        return problem(entry.path, "not_found")
    except (OSError, MemoryError) as error:
        return problem(entry.path, "unreadable", str(error)[:200])


def _prepare(entry: Entry, data: bytes, address: str, settings: Settings) -> Arrival:
    limits = {"max_pixels": settings.max_image_pixels, "max_bytes": settings.max_image_bytes}
    try:
        return Arrival(entry, address, prepare_image(data, sha256=address, **limits))
    except ImageRejectedError as error:
        return Arrival(entry, problem=ImportProblem(entry.path, error.reason, error.message))
