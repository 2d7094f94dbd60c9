"""Making files durable: sync one file, one folder, or the whole file system at once where the system can."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _syncfs() -> Any:
    """Return libc's ``syncfs`` (Linux), or ``None``."""
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def can_sync_file_system() -> bool:
    """Whether one call can make everything written so far durable."""
    return _syncfs() is not None


def sync_file_system(folder: Path) -> None:
    """Make everything durable that was written to the file system of a folder, names included."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        if _syncfs()(handle) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
