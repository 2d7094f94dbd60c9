"""Messages from the browser: nothing in them is trusted until it was read through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xvlab.errors import InvalidInputError

MAX_IDS = 1000


@dataclass(frozen=True, slots=True)
class Message:
    """What a gesture in the browser sent.

    Attributes:
        content: ``action`` names the gesture, the rest are its values.
        buffers: Binary parts, for example the bytes of chosen files.
    """

    content: Mapping[str, Any]
    buffers: Sequence[bytes | memoryview] = field(default=())

    @property
    def action(self) -> str:
        """Name of the gesture."""
        return self.text("action")

    def text(self, name: str, default: str | None = None) -> str:
        """Read a string; without ``default`` it must be there.

        Raises:
            InvalidInputError: It is missing or no string.
        """
        value = self.content.get(name, default)
        if not isinstance(value, str):
            raise _wrong(name, "a text", value)
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Read a whole number.

        Raises:
            InvalidInputError: It is missing or no whole number.
        """
        value = self.content.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong(name, "a whole number", value)
        return value

    def flag(self, name: str) -> bool:
        """Read a boolean.

        Raises:
            InvalidInputError: It is missing or neither true nor false.
        """
        value = self.content.get(name)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false", value)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of at most ``MAX_IDS`` strings.

        Raises:
            InvalidInputError: It is missing, too long, or holds something else.
        """
        value = self.content.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _wrong(name, "a list of texts", value)
        if len(value) > MAX_IDS:
            raise InvalidInputError(
                f"Expected at most {MAX_IDS} of {name}, got {len(value)}. Choose fewer.", field=name
            )
        return tuple(value)


def _wrong(name: str, expected: str, value: object) -> InvalidInputError:
    message = f"Expected {expected} as {name}, got {type(value).__name__}. Reload the page and try again."
    return InvalidInputError(message, field=name)
