"""Slow down guessing: count failures of a source in a sliding window and refuse further tries."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from xvlab.errors import RateLimitedError

_MAX_SOURCES = 10_000


class FailureThrottle:
    """Refuses a source that failed too often of late. Safe to use from several threads.

    Args:
        limit: Failures that are allowed within the window.
        window_seconds: Length of the window.
        clock: Monotonic seconds.
    """

    def __init__(self, limit: int, window_seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.window_seconds = window_seconds
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, source: str) -> None:
        """Let the source try.

        Raises:
            RateLimitedError: It failed ``limit`` times within the window.
        """
        with self._lock:
            failures = self._recent(source)
            if failures is not None and len(failures) >= self.limit:
                wait = max(1, round(failures[0] + self.window_seconds - self._clock()))
                raise RateLimitedError(f"Too many failed attempts. Try again in {wait} seconds.")

    def failed(self, source: str) -> None:
        """Count a failure."""
        with self._lock:
            failures = self._recent(source) or deque(maxlen=self.limit)
            failures.append(self._clock())
            self._failures[source] = failures
            self._failures.move_to_end(source)
            while len(self._failures) > _MAX_SOURCES:
                self._failures.popitem(last=False)

    def succeeded(self, source: str) -> None:
        """Forget the failures of the source."""
        with self._lock:
            self._failures.pop(source, None)

    def _recent(self, source: str) -> deque[float] | None:
        failures = self._failures.get(source)
        while failures and failures[0] <= self._clock() - self.window_seconds:
            failures.popleft()
        return failures
