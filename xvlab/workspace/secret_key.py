"""The secret of one home, kept in ``secret.key`` (mode 0600): it signs tokens and short-lived addresses."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from xvlab.errors import ConfigurationError

_KEY_BYTES = 32


class SecretKey:
    """Signs texts with HMAC-SHA256.

    Args:
        key: At least 32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _KEY_BYTES:
            raise ConfigurationError(f"Expected a secret of {_KEY_BYTES} bytes, got {len(key)}. Restore secret.key.")
        self._key = key

    def digest(self, purpose: str, text: str) -> str:
        """Return 64 hex digits; different purposes never give the same digest for one text."""
        return hmac.new(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()

    def matches(self, purpose: str, text: str, digest: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest(purpose, text).encode(), digest.encode())


def load_secret_key(folder: Path) -> SecretKey:
    """Read ``secret.key`` of a home folder; make it when it is missing.

    Two processes that start together end with the same key: the first link wins.

    Raises:
        ConfigurationError: The file is there but too short.
    """
    path = folder / "secret.key"
    if not path.exists():
        _create(path)
    return SecretKey(path.read_bytes())


def _create(path: Path) -> None:
    candidate = path.with_name(f".secret-{secrets.token_hex(8)}")
    descriptor = os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(candidate)
        except FileExistsError:
            return
    finally:
        candidate.unlink()
