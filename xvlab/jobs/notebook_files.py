"""Notebook files that are whole at every moment, also when the machine stops in the middle of a save."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write next to the target, flush to the disk, and move it into place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class WholeFiles:
    """papermill's input and output on local files, without its open-and-overwrite."""

    def read(self, path: str) -> str:
        """Return the text of a notebook."""
        return Path(path).read_text(encoding="utf-8")

    def write(self, buf: str, path: str) -> None:
        """Replace a notebook."""
        write_whole(Path(path), buf.encode())

    def listdir(self, path: str) -> list[str]:
        """Return the paths in a folder."""
        return [str(entry) for entry in Path(path).iterdir()]

    def pretty_path(self, path: str) -> str:
        """Return the path as it is shown."""
        return path
