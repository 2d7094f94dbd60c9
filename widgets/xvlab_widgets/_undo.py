"""What was done in this session and how to take it back, newest first."""

from __future__ import annotations

from collections.abc import Callable


class UndoStack:
    """Remembers how to take deeds back."""

    def __init__(self) -> None:
        self._deeds: list[Callable[[], object]] = []

    def __bool__(self) -> bool:
        return bool(self._deeds)

    def push(self, take_back: Callable[[], object]) -> None:
        """Remember one deed."""
        self._deeds.append(take_back)

    def undo(self) -> bool:
        """Take the newest deed back; ``False`` when there is none."""
        if not self._deeds:
            return False
        self._deeds.pop()()
        return True

    def clear(self) -> None:
        """Forget all: what was done cannot be taken back any more."""
        self._deeds.clear()
