"""Blobs as files of a folder that only its owner can read."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from xvlab.errors import NotFoundError, StorageError

from .durable import can_sync_file_system, sync_file_system, sync_folder
from .store import blob_key

_CHUNK_BYTES = 1 << 20
_INCOMING = "incoming"
_ABANDONED_SECONDS = 86_400.0
_SYNC_ALL_FROM = 16
"""From this many new blobs on, syncing the file system twice is cheaper than syncing every file and folder."""


class LocalBlobs:
    """A folder with files ``aa/<sha256>``. A file is complete and synced before it gets its final name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Store bytes; see :class:`BlobStore`."""
        return self.put_many([data])[0]

    def put_many(self, blobs: Sequence[bytes]) -> list[str]:
        """Store many blobs with two syncs of the file system instead of two for each blob."""
        names = [hashlib.sha256(data).hexdigest() for data in blobs]
        missing = {name: data for name, data in zip(names, blobs, strict=True) if not self.exists(name)}
        if missing:
            with _storage_errors(f"write {len(missing)} blobs"):
                self._write(missing)
        return names

    def put_file(self, path: Path) -> str:
        """Copy a file in; see :class:`BlobStore`."""
        digest = hashlib.sha256()
        with _storage_errors(f"write {path}"):
            staged = self._new_name()
            with path.open("rb") as source, staged.open("xb") as sink:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    sink.write(chunk)
                sink.flush()
                os.fsync(sink.fileno())
            target = self._path(digest.hexdigest())
            _publish(str(staged), str(target))
            self._sync_names(target)
        return digest.hexdigest()

    def get(self, sha256: str) -> bytes:
        """Read a blob; see :class:`BlobStore`."""
        with _storage_errors(f"read blob {sha256}"):
            return self._path(sha256).read_bytes()

    def get_file(self, sha256: str, path: Path) -> None:
        """Copy a blob to a file; see :class:`BlobStore`."""
        staged = path.with_name(f".{path.name}.{uuid4().hex}")
        with _storage_errors(f"read blob {sha256}"):
            try:
                shutil.copyfile(self._path(sha256), staged)
                staged.replace(path)
            finally:
                staged.unlink(missing_ok=True)

    def exists(self, sha256: str) -> bool:
        """Whether a blob is there."""
        return os.path.exists(self._place(sha256))  # noqa: PTH110 - text paths, see _place

    def delete(self, sha256: str) -> None:
        """Remove a blob; see :class:`BlobStore`."""
        with _storage_errors(f"delete blob {sha256}"):
            self._path(sha256).unlink(missing_ok=True)

    def size(self, sha256: str) -> int:
        """Return the number of bytes of a blob."""
        with _storage_errors(f"read blob {sha256}"):
            return self._path(sha256).stat().st_size

    def remove_abandoned(self) -> None:
        """Remove files that a killed process left half written more than a day ago."""
        for file in (self._folder / _INCOMING).glob("*"):
            with _storage_errors(f"remove {file}"):
                if time.time() - file.stat().st_mtime > _ABANDONED_SECONDS:
                    file.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return Path(self._place(sha256))

    def _place(self, sha256: str) -> str:
        """Return the path as text: Path objects would cost more than the write of a small file."""
        return f"{self._folder}/{blob_key(sha256)}"

    def _new_name(self) -> Path:
        incoming = self._folder / _INCOMING
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        return incoming / uuid4().hex

    def _write(self, missing: dict[str, bytes]) -> None:
        """Write all, make all durable, give all their names, make the names durable."""
        together = len(missing) >= _SYNC_ALL_FROM and can_sync_file_system()
        staged: dict[str, str] = {}
        incoming = self._new_name()
        for number, (name, data) in enumerate(missing.items()):
            file = f"{incoming}-{number}"
            _write_file(file, data, durable=not together)
            staged[file] = self._place(name)
        if together:
            sync_file_system(self._folder)
        for file, target in staged.items():
            _publish(file, target)
        if together:
            sync_file_system(self._folder)
        else:
            for target in staged.values():
                self._sync_names(Path(target))

    def _sync_names(self, target: Path) -> None:
        """Make a file's name and those of the folders above it durable."""
        for folder in (target.parent, self._folder):
            sync_folder(folder)


def _publish(staged: str, target: str) -> None:
    """Let a complete file appear under its address."""
    try:
        os.rename(staged, target)  # noqa: PTH104 - text paths, see LocalBlobs
    except FileNotFoundError:
        Path(target).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.rename(staged, target)  # noqa: PTH104


def _write_file(path: str, data: bytes, *, durable: bool) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _storage_errors(doing: str) -> Iterator[None]:
    """Turn errors of the operating system into ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError(f"Cannot {doing}: {error.filename} is not there. Restore it from a backup.") from error
    except OSError as error:
        raise StorageError(f"Cannot {doing} ({error.strerror}). Check the disk's space and its rights.") from error
