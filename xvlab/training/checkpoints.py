"""Checkpoints that survive kill -9 and a full disk: written aside, synced, renamed, and checked by hash when read."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from pathlib import Path
from typing import Any

import torch

from xvlab.errors import StorageError

_LOG = logging.getLogger(__name__)
_HASH_BYTES = 32
_SUFFIX = ".ckpt"


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_tensors(path: Path, body: dict[str, Any]) -> None:
    """Write tensors and plain values durably, with their hash in front."""
    buffer = io.BytesIO()
    torch.save(body, buffer)
    payload = buffer.getvalue()
    write_durably(path, hashlib.sha256(payload).digest() + payload)


def read_tensors(path: Path) -> dict[str, Any]:
    """Read what :func:`write_tensors` wrote; no code in the file is run.

    Raises:
        StorageError: The file is missing or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(f"Checkpoint {path} cannot be read ({error}). Start the run in a new folder.") from error
    digest, payload = data[:_HASH_BYTES], data[_HASH_BYTES:]
    if hashlib.sha256(payload).digest() != digest:
        raise StorageError(f"Checkpoint {path} is damaged. Delete it; the run goes on from an earlier one.")
    body: dict[str, Any] = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    return body


class Checkpoints:
    """The last checkpoints of a run and its best weights.

    A checkpoint's file name tells its step and the step of the best weights it belongs with (0: none yet).

    Args:
        folder: Where they lie.
        keep: How many checkpoints are kept.
    """

    def __init__(self, folder: Path, *, keep: int = 2) -> None:
        self._folder = folder
        self._keep = keep

    def save(self, step: int, body: dict[str, Any], *, best_step: int) -> None:
        """Write the checkpoint after ``step`` steps and delete what the last ones do not need.

        Args:
            step: Steps made.
            body: Tensors and plain values.
            best_step: Step of the best weights so far; 0 when there are none.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        write_tensors(self._folder / f"step-{step:010d}-{best_step:010d}{_SUFFIX}", body)
        kept = self._found()[: self._keep]
        used = {path for path, _ in kept} | {self._best_path(best) for _, best in kept}
        for path in self._folder.glob(f"*{_SUFFIX}"):
            if path not in used:
                path.unlink(missing_ok=True)

    def save_best(self, step: int, state: dict[str, Any]) -> None:
        """Write the best weights so far; to be followed by :meth:`save` with ``best_step=step``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_tensors(self._best_path(step), state)

    def best(self, step: int) -> dict[str, Any]:
        """Read the best weights written at ``step``.

        Raises:
            StorageError: They are missing or damaged.
        """
        return read_tensors(self._best_path(step))

    def newest(self) -> dict[str, Any] | None:
        """Return the newest whole checkpoint whose best weights are whole too; ``None`` when there is none."""
        for path, best_step in self._found():
            try:
                body = read_tensors(path)
                if best_step:
                    self.best(best_step)
                return body
            except StorageError as error:
                _LOG.warning("Going back to an earlier checkpoint: %s", error)
        return None

    def _found(self) -> list[tuple[Path, int]]:
        """Return checkpoints with the step of their best weights, newest first."""
        paths = sorted(self._folder.glob(f"step-*{_SUFFIX}"), reverse=True)
        return [(path, int(path.stem.rpartition("-")[2])) for path in paths]

    def _best_path(self, step: int) -> Path:
        return self._folder / f"best-{step:010d}{_SUFFIX}"
