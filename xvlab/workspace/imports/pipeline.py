"""Reading, hashing, decoding and thumbnails on all cores, in the order of the source, never far ahead of the writer.

Threads of this process read and hash; processes decode. So a crashing decoder does not end the import either.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue

from xvlab._settings import Settings
from xvlab.data.formats import Entry, ImportProblem
from xvlab.data.formats.entries import problem
from xvlab.data.hashing import sha256_of
from xvlab.data.images import REJECTION_REASONS
from xvlab.data.prepare_worker import Answer, PrepareWorker
from xvlab.data.prepared import PreparedImage, prepare_image
from xvlab.errors import ImageRejectedError

_CHUNK_ENTRIES = 32
_CHUNK_BYTES = 16_000_000
_ENTRIES_AHEAD = 1024
_BYTES_AHEAD = 128_000_000
"""Enough that the cores do not stand still while a batch is written, and a bound on memory."""

_PROCESSES_FROM = 500

Known = Callable[[list[str]], set[str]]
Preparers = SimpleQueue[Callable[[Sequence[bytes], Sequence[str]], list[Answer]]]


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
    with _preparers(len(entries), settings) as preparers, ThreadPoolExecutor(2 * _cores()) as pool:
        try:
            for chunk in _chunks(entries):
                size = sum(entry.byte_count for entry in chunk)
                pending.append((pool.submit(_arrive, chunk, settings, known, preparers), len(chunk), size))
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


@contextmanager
def _preparers(count: int, settings: Settings) -> Iterator[Preparers]:
    """Provide one preparer for each core: processes where there is enough to do, else this process's own threads.

    Threads alone do not scale here: small files mean many short calls, and each waits for Python's lock.
    """
    limits = {"max_pixels": settings.max_image_pixels, "max_bytes": settings.max_image_bytes}
    preparers: Preparers = SimpleQueue()
    with ExitStack() as opened:
        for _ in range(_cores()):
            if count >= _PROCESSES_FROM:
                preparers.put(opened.enter_context(PrepareWorker(**limits)).prepare)
            else:
                preparers.put(partial(_prepare_here, limits))
        yield preparers


def _prepare_here(limits: dict[str, int], pictures: Sequence[bytes], addresses: Sequence[str]) -> list[Answer]:
    answers: list[Answer] = []
    for data, address in zip(pictures, addresses, strict=True):
        try:
            answers.append(prepare_image(data, sha256=address, **limits))
        except ImageRejectedError as error:
            answers.append(error)
    return answers


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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


def _arrive(chunk: list[Entry], settings: Settings, known: Known, preparers: Preparers) -> list[Arrival]:
    read = [_read(entry, settings) for entry in chunk]
    addresses = {data: sha256_of(data) for data in read if isinstance(data, bytes)}
    there = known(list(addresses.values()))
    fresh = [data for data, address in addresses.items() if address not in there]
    prepare = preparers.get()
    try:
        answers = dict(zip(fresh, prepare(fresh, [addresses[data] for data in fresh]), strict=True)) if fresh else {}
    finally:
        preparers.put(prepare)
    return [
        Arrival(entry, problem=data)
        if isinstance(data, ImportProblem)
        else _arrival(entry, addresses[data], answers.get(data))
        for entry, data in zip(chunk, read, strict=True)
    ]


def _arrival(entry: Entry, address: str, answer: Answer | None) -> Arrival:
    if isinstance(answer, ImageRejectedError):
        return Arrival(entry, problem=ImportProblem(entry.path, answer.reason, answer.message))
    return Arrival(entry, address, answer)


def _read(entry: Entry, settings: Settings) -> bytes | ImportProblem:
    if entry.byte_count > settings.max_image_bytes:
        return ImportProblem(entry.path, "too_many_bytes", REJECTION_REASONS["too_many_bytes"])
    try:
        return entry.read()
    except FileNotFoundError:
        return problem(entry.path, "not_found")
    except (OSError, MemoryError) as error:
        return problem(entry.path, "unreadable", str(error)[:200])
