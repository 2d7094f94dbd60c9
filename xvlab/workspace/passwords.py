"""Passwords: argon2 through pwdlib, never more than two hashes at a time (each takes 64 MiB)."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash

from xvlab.errors import InvalidInputError

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 1024
_slots = threading.BoundedSemaphore(2)


def generate_password() -> str:
    """Return a random password of 16 characters that is easy to type."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "".join(secrets.choice(alphabet) for _ in range(16))


def hash_password(password: str) -> str:
    """Hash a password.

    Raises:
        InvalidInputError: It is too short or too long.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        message = (
            f"Expected a password of {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters, got {len(password)}. "
            "Choose another one."
        )
        raise InvalidInputError(message, field="password")
    with _slots:
        return _hasher().hash(password)


def check_password(password: str, hashed: str) -> bool:
    """Compare a password with a hash; an empty hash takes as long and never matches."""
    if len(password) > MAX_PASSWORD_LENGTH:
        return False
    with _slots:
        matches = _hasher().verify(password, hashed or _hash_of_nothing())
    return matches and bool(hashed)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _hash_of_nothing() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
