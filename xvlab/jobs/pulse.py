"""The pulse of a runner: one thread that writes progress, renews the lease, and stops the kernel when it must end."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.exc import DBAPIError

from xvlab.errors import AttemptLostError
from xvlab.jobs.progress import ProgressBook
from xvlab.jobs.queue import JobQueue

StopReason = Literal["cancelled", "timeout", "released"]

EXIT_LOST = 3
_TICK_SECONDS = 0.5
_BEATS_PER_LEASE = 3
_SECONDS_BETWEEN_INTERRUPTS = 3.0
_GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PulseLimits:
    """How long a lease holds without a beat, and how long the attempt may run."""

    lease_seconds: float
    timeout_seconds: float


class Pulse:
    """Beats until closed. When the attempt is lost it ends the kernel and this process at once, writing nothing.

    A cancelled or timed out kernel is interrupted first, so that the notebook keeps what it showed, and killed if it
    does not end; a released one is killed: its checkpoint is its state.
    """

    def __init__(self, queue: JobQueue, job_id: str, token: str, *, limits: PulseLimits, book: ProgressBook) -> None:
        self._queue = queue
        self._job_id = job_id
        self._token = token
        self._limits = limits
        self._book = book
        self._kernel_pid: int | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._began = time.monotonic()
        self._beaten = self._began
        self._stopped_at: float | None = None
        self._interrupted_at = 0.0
        self.stop_reason: StopReason | None = None

    def start(self) -> None:
        """Beat once, then go on in the background.

        Raises:
            AttemptLostError: The attempt does not own the job.
        """
        self._beat()
        self._thread.start()

    def close(self) -> None:
        """Stop beating and write the last progress."""
        self._closed.set()
        self._thread.join()
        self._write_progress()

    def kernel_started(self, pid: int) -> None:
        """Learn which process to interrupt."""
        self._kernel_pid = pid

    def stop(self, reason: StopReason) -> None:
        """End the kernel as soon as there is one; the first reason counts."""
        if self.stop_reason is None:
            self.stop_reason = reason
            self._stopped_at = time.monotonic()

    def _run(self) -> None:
        while not self._closed.wait(_TICK_SECONDS):
            try:
                self._tick()
            except AttemptLostError:
                self._die()
            except DBAPIError:
                if time.monotonic() - self._beaten > self._limits.lease_seconds:
                    self._die()

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._began > self._limits.timeout_seconds:
            self.stop("timeout")
        self._press(now)
        if now - self._beaten > self._limits.lease_seconds / _BEATS_PER_LEASE - _TICK_SECONDS:
            self._beat()
        self._write_progress()

    def _beat(self) -> None:
        if self._queue.heartbeat(self._job_id, self._token, lease_seconds=self._limits.lease_seconds):
            self.stop("cancelled")
        self._beaten = time.monotonic()

    def _write_progress(self) -> None:
        progress = self._book.take()
        if progress is not None:
            self._queue.set_progress(self._job_id, self._token, progress)

    def _press(self, now: float) -> None:
        if self._stopped_at is None or self._kernel_pid is None:
            return
        if self.stop_reason == "released" or now - self._stopped_at > _GRACE_SECONDS:
            self._signal(signal.SIGKILL)
        elif now - self._interrupted_at > _SECONDS_BETWEEN_INTERRUPTS:
            self._interrupted_at = now
            self._signal(signal.SIGINT)

    def _signal(self, number: signal.Signals) -> None:
        if self._kernel_pid is not None:
            try:
                os.kill(self._kernel_pid, number)
            except ProcessLookupError:
                self._kernel_pid = None

    def _die(self) -> None:
        self._signal(signal.SIGKILL)
        os._exit(EXIT_LOST)
