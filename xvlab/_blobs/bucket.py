"""Blobs in an S3-compatible bucket, through obstore."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from xvlab.errors import ConfigurationError, NotFoundError, StorageError

from .store import blob_key

_CHUNK_BYTES = 1 << 20
_PARALLEL = 16


class BucketBlobs:
    """Objects ``<prefix>/aa/<sha256>``. An object store shows an object only when it is complete and kept."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def put(self, data: bytes) -> str:
        """Store bytes; see :class:`BlobStore`."""
        name = hashlib.sha256(data).hexdigest()
        if not self.exists(name):
            with _storage_errors(f"write blob {name}"):
                obstore.put(self._store, blob_key(name), data)
        return name

    def put_many(self, blobs: Sequence[bytes]) -> list[str]:
        """Store many blobs, several at a time."""
        with ThreadPoolExecutor(_PARALLEL) as pool:
            return list(pool.map(self.put, blobs))

    def put_file(self, path: Path) -> str:
        """Send a file, in parts when it is large."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        name = digest.hexdigest()
        if not self.exists(name):
            with _storage_errors(f"write blob {name}"):
                obstore.put(self._store, blob_key(name), path)
        return name

    def get(self, sha256: str) -> bytes:
        """Read a blob; see :class:`BlobStore`."""
        with _storage_errors(f"read blob {sha256}"):
            return bytes(obstore.get(self._store, blob_key(sha256)).bytes())

    def get_file(self, sha256: str, path: Path) -> None:
        """Fetch a blob to a file; see :class:`BlobStore`."""
        staged = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            with _storage_errors(f"read blob {sha256}"), staged.open("wb") as sink:
                for part in obstore.get(self._store, blob_key(sha256)):
                    sink.write(part)
            staged.replace(path)
        finally:
            staged.unlink(missing_ok=True)

    def exists(self, sha256: str) -> bool:
        """Whether a blob is there."""
        try:
            self.size(sha256)
        except NotFoundError:
            return False
        return True

    def delete(self, sha256: str) -> None:
        """Remove a blob; see :class:`BlobStore`."""
        with _storage_errors(f"delete blob {sha256}"):
            obstore.delete(self._store, blob_key(sha256))

    def size(self, sha256: str) -> int:
        """Return the number of bytes of a blob."""
        with _storage_errors(f"read blob {sha256}"):
            return int(obstore.head(self._store, blob_key(sha256))["size"])


def open_bucket(url: str) -> BucketBlobs:
    """Open an ``s3://bucket/prefix`` URL.

    Raises:
        ConfigurationError: The URL or an ``AWS_*`` variable is wrong.
    """
    try:
        return BucketBlobs(S3Store.from_url(url))
    except (BaseError, ValueError) as error:
        raise ConfigurationError(f"Cannot open {url!r}: {error}. Correct blob_url or the AWS_* variables.") from error


@contextmanager
def _storage_errors(doing: str) -> Iterator[None]:
    """Turn errors of the object store into ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError(f"Cannot {doing}: it is not in the bucket. Restore it from a backup.") from error
    except (BaseError, OSError) as error:
        raise StorageError(f"Cannot {doing}: {error}. Check the bucket, its rights and the network.") from error
