"""Signs of life: a long-lived process touches a file every second, so that others on the machine see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BEAT_SECONDS = 1.0
ALIVE_SECONDS = 5.0


class Presence:
    """Signs of life in one home folder.

    Args:
        folder: The home folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "run"

    @contextmanager
    def beating(self, name: str) -> Iterator[None]:
        """Give a sign of life under this name until the block ends."""
        path = self._path(name)
        path.parent.mkdir(exist_ok=True)
        stop = threading.Event()
        path.touch()

        def beat() -> None:
            while not stop.wait(BEAT_SECONDS):
                path.touch()

        thread = threading.Thread(target=beat, name=f"presence-{name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            path.unlink(missing_ok=True)

    def last_beat_seconds(self, name: str) -> float | None:
        """Return how many seconds ago the last sign was given, or ``None`` when there is none."""
        try:
            return max(0.0, time.time() - self._path(name).stat().st_mtime)
        except FileNotFoundError:
            return None

    def is_alive(self, name: str) -> bool:
        """Tell whether a sign was given within the last seconds."""
        age = self.last_beat_seconds(name)
        return age is not None and age < ALIVE_SECONDS

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.alive"
