"""Something done once a second in a daemon thread, until it is stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Ticker:
    """Calls ``work`` again and again.

    Args:
        work: What to do; an exception from it is logged and the next turn comes all the same.
        interval_seconds: Pause between two calls.
    """

    def __init__(self, work: Callable[[], None], *, interval_seconds: float = 1.0) -> None:
        self._work = work
        self._interval_seconds = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="xvlab-ticker", daemon=True)

    def start(self) -> None:
        """Begin, with a pause first."""
        self._thread.start()

    def stop(self) -> None:
        """End; what runs just now is waited for, unless it is what calls this."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    @property
    def is_running(self) -> bool:
        """Whether it still ticks."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds):
            try:
                self._work()
            except Exception:  # noqa: BLE001 - logged; the next turn may work
                _log.exception("A widget could not be brought up to date")
