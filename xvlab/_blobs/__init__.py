"""Blobs: bytes addressed by their sha256, in a local folder or an S3-compatible bucket. Written once, never changed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from xvlab.errors import ConfigurationError

from .local import LocalBlobs
from .store import BlobStore

__all__ = ["BlobStore", "open_blobs"]


def open_blobs(url: str) -> BlobStore:
    """Open the store of a ``file://`` or ``s3://bucket/prefix`` URL.

    S3 takes its region, end point and credentials from the usual ``AWS_*`` variables.

    Raises:
        ConfigurationError: The URL has another scheme, or the store cannot be opened.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        blobs = LocalBlobs(Path(unquote(parts.path)))
        blobs.remove_abandoned()
        return blobs
    if parts.scheme == "s3":
        from .bucket import open_bucket

        return open_bucket(url)
    raise ConfigurationError(f"Expected a file:// or s3:// URL for the blobs, got {url!r}. Correct blob_url.")
