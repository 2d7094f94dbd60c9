"""The seam between those who need bytes and where they are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from xvlab.errors import InvalidInputError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobStore(Protocol):
    """Where bytes are kept; usable from several threads and processes at once.

    What ``put``, ``put_many`` and ``put_file`` return is durable: neither a killed process nor a power cut loses it.
    Reading what is not there raises NotFoundError; a store that fails raises StorageError.
    """

    def put(self, data: bytes) -> str:
        """Store bytes and return their sha256; bytes that are there already are not written again."""
        ...

    def put_many(self, blobs: Sequence[bytes]) -> list[str]:
        """Store many blobs at little more than the price of one; return their sha256 in order."""
        ...

    def put_file(self, path: Path) -> str:
        """Store a file's bytes without holding them in memory; return their sha256."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return the bytes."""
        ...

    def get_file(self, sha256: str, path: Path) -> None:
        """Write the bytes to a file, which appears whole or not at all."""
        ...

    def exists(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove the bytes; nothing happens when they are not there."""
        ...

    def size(self, sha256: str) -> int:
        """Return the number of bytes."""
        ...


def blob_key(sha256: str) -> str:
    """Return the place of a blob: ``aa/<sha256>``; 256 folders hold millions of files and are soon all made.

    Raises:
        InvalidInputError: The text is not a lower-case sha256; so no path can be smuggled in.
    """
    if not _SHA256.fullmatch(sha256):
        raise InvalidInputError(
            f"Expected a sha256 in 64 lower-case hex digits, got {sha256[:80]!r}. Take it from a record."
        )
    return f"{sha256[:2]}/{sha256}"
