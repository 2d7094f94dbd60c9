"""The worker: watches running attempts, starts the next jobs. It keeps nothing in memory that the rows do not hold."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from xvlab._clock import utc_now
from xvlab._database import migrate, open_database
from xvlab._settings import load_settings
from xvlab.errors import AttemptLostError
from xvlab.jobs.launchers import Launcher, LocalLauncher
from xvlab.jobs.queue import Attempt, JobQueue

_TICK_SECONDS = 0.25
_RELEASE_SECONDS = 10.0
_logger = logging.getLogger(__name__)


class Worker:
    """Runs the jobs of one home, ``settings.job_slots`` at a time; a second worker of the same home does no harm.

    Killed with -9, it leaves its runners running, and the next worker watches them. Stopped in an orderly way it puts
    their jobs back into the queue, from where they go on from their last checkpoint.

    Args:
        home_folder: The home whose jobs are run; ``None`` takes ``XVLAB_HOME`` or ``~/.xvlab``.
        launcher: How runners are started; ``None`` starts them on this machine.
    """

    def __init__(self, home_folder: Path | str | None = None, *, launcher: Launcher | None = None) -> None:
        self._home_folder = home_folder
        self._launcher = launcher

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        settings = load_settings(self._home_folder)
        database = open_database(settings.effective_database_url)
        try:
            migrate(database)
            launcher = self._launcher or LocalLauncher(settings)
            shift = _Shift(JobQueue(database), launcher, settings.job_slots, settings.lease_seconds)
            while not stop.wait(_TICK_SECONDS):
                shift.tick()
            launcher.release(wait_seconds=_RELEASE_SECONDS)
        finally:
            database.close()


class _Shift:
    """What a worker does at every tick."""

    def __init__(self, queue: JobQueue, launcher: Launcher, slots: int, lease_seconds: float) -> None:
        self._queue = queue
        self._launcher = launcher
        self._slots = slots
        self._lease_seconds = lease_seconds

    def tick(self) -> None:
        """Notice dead attempts and start due jobs; a database that cannot be reached is tried again later."""
        try:
            self._launcher.reap()
            for attempt in self._queue.running():
                self._recover(attempt)
            while self._queue.has_due() and self._start_next():
                continue
        except DBAPIError:
            _logger.exception("The database cannot be used; trying again.")

    def _recover(self, attempt: Attempt) -> None:
        expired = attempt.lease_until is not None and attempt.lease_until < utc_now()
        if not expired and not self._launcher.is_dead(attempt):
            return
        self._launcher.sweep(attempt)  # before the row is free: nothing of this attempt may write beside the next one
        reason = "its lease ran out" if expired else "its process was killed"
        try:
            state = self._queue.give_up(attempt, reason)
        except AttemptLostError:
            return
        _logger.warning("Job %s: %s; it is %s now.", attempt.job_id, reason, state)

    def _start_next(self) -> bool:
        attempt = self._queue.claim(host=self._launcher.host, slots=self._slots, lease_seconds=self._lease_seconds)
        if attempt is None:
            return False
        try:
            pid = self._launcher.start(attempt)
        except OSError as error:
            self._queue.give_up(attempt, f"its process could not be started ({error})")
            return False
        self._queue.started(attempt.job_id, attempt.token, pid)
        return True
