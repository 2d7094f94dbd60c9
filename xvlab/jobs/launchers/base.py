"""The seam between the worker and whatever runs an attempt."""

from __future__ import annotations

from typing import Protocol

from xvlab.jobs.queue import Attempt


class Launcher(Protocol):
    """Starts runners and knows whether they live. Priorities and waiting jobs stay in the database."""

    @property
    def host(self) -> str:
        """Name under which this launcher's attempts are recorded."""

    def start(self, attempt: Attempt) -> int:
        """Start ``python -m xvlab.jobs.runner JOB TOKEN``; return its process id."""

    def is_dead(self, attempt: Attempt) -> bool:
        """Whether the runner of this attempt was started here and surely runs no more."""

    def sweep(self, attempt: Attempt) -> None:
        """End every process that an attempt left here, before its job is started again."""

    def release(self, *, wait_seconds: float) -> None:
        """Ask the runners that this launcher started to put their jobs back and stop; wait for them."""

    def reap(self) -> None:
        """Collect the exit states of ended runners."""
