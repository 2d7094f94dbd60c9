"""Start processes, start again what dies, and end all of them together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_TETHER = Path(__file__).with_name("tethered.py")
_FIRST_DELAY_SECONDS = 0.5
_MAX_DELAY_SECONDS = 30.0
_STEADY_SECONDS = 30.0
_END_SECONDS = 12.0
_MAX_LOG_BYTES = 20 << 20


@dataclass(frozen=True, slots=True)
class Service:
    """A process to keep alive.

    Attributes:
        name: For people and for the name of its log.
        command: Program and arguments; the program by its absolute path.
        log: File that takes what it writes.
    """

    name: str
    command: tuple[str, ...]
    log: Path


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    delay_seconds: float = _FIRST_DELAY_SECONDS
    restarts: int = field(default=0)


class Supervisor:
    """Keeps services alive. Call :meth:`tick` often; every service is a process group of its own.

    A service gets SIGTERM when the supervisor itself is killed, by :mod:`xvlab.cli.tethered`.

    Args:
        services: What to run.
        environment: Variables that the services get beside those of this process.
    """

    def __init__(self, services: Sequence[Service], environment: dict[str, str]) -> None:
        self._children = [_Child(service) for service in services]
        self._environment = environment

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of what runs now."""
        return {child.service.name: child.process.pid for child in self._children if child.process is not None}

    @property
    def restarts(self) -> dict[str, int]:
        """How often each service had to be started again."""
        return {child.service.name: child.restarts for child in self._children}

    def start(self) -> None:
        """Start all services."""
        for child in self._children:
            self._spawn(child)

    def tick(self) -> None:
        """Start again what died, each time after a longer pause."""
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.restart_at:
                    child.restarts += 1
                    self._spawn(child)
            elif child.process.poll() is not None:
                self._died(child, now)

    def stop(self) -> None:
        """End all services: SIGTERM to every group, and SIGKILL to what is left after some seconds."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + _END_SECONDS
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in running:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        for child in self._children:
            child.process = None

    def _spawn(self, child: _Child) -> None:
        service = child.service
        service.log.parent.mkdir(parents=True, exist_ok=True)
        if service.log.exists() and service.log.stat().st_size > _MAX_LOG_BYTES:
            service.log.replace(service.log.with_suffix(".old.log"))
        with service.log.open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, str(_TETHER), str(os.getpid()), *service.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )
        child.started_at = time.monotonic()

    def _died(self, child: _Child, now: float) -> None:
        if child.process is not None:
            _signal_group(child.process.pid, signal.SIGKILL)  # what it left behind in its group
        if now - child.started_at > _STEADY_SECONDS:
            child.delay_seconds = _FIRST_DELAY_SECONDS
        child.process = None
        child.restart_at = now + child.delay_seconds
        child.delay_seconds = min(_MAX_DELAY_SECONDS, child.delay_seconds * 2)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
