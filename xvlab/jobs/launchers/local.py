"""The default launcher: a detached process on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

from xvlab._settings import Settings
from xvlab.jobs.cookie import HOME_VARIABLE, JOB_VARIABLE, TOKEN_VARIABLE, is_alive, sweep
from xvlab.jobs.folder import job_folder
from xvlab.jobs.queue import Attempt

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_POLL_SECONDS = 0.05


class LocalLauncher:
    """Starts each runner in a session of its own, so that it outlives the worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def host(self) -> str:
        """This machine's name."""
        return socket.gethostname()

    def start(self, attempt: Attempt) -> int:
        """Start the runner with its streams in the job's log."""
        folder = job_folder(self._settings.home, attempt.job_id)
        folder.make()
        with folder.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "xvlab.jobs.runner", attempt.job_id, attempt.token],
                cwd=folder.path,
                env=self._environment(attempt),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[attempt.token] = process
        return process.pid

    def is_dead(self, attempt: Attempt) -> bool:
        """Whether its runner was started on this machine and is gone."""
        if attempt.runner_host != self.host or attempt.runner_pid is None:
            return False
        return not is_alive(attempt.runner_pid, attempt.token)

    def sweep(self, attempt: Attempt) -> None:
        """Kill what carries the job's cookie on this machine: runner, kernel and all that they started."""
        sweep(JOB_VARIABLE, attempt.job_id)

    def release(self, *, wait_seconds: float) -> None:
        """Send SIGTERM to the runners started here and wait for them."""
        self.reap()
        for process in self._children.values():
            process.terminate()
        deadline = time.monotonic() + wait_seconds
        while self._children and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            self.reap()
        for token in list(self._children):
            sweep(TOKEN_VARIABLE, token)
        self.reap()

    def reap(self) -> None:
        """Forget runners that ended."""
        self._children = {token: process for token, process in self._children.items() if process.poll() is None}

    def _environment(self, attempt: Attempt) -> dict[str, str]:
        cores = len(os.sched_getaffinity(0))
        threads = str(self._settings.job_threads or max(1, cores // self._settings.job_slots))
        cookie = {
            HOME_VARIABLE: str(self._settings.home),
            JOB_VARIABLE: attempt.job_id,
            TOKEN_VARIABLE: attempt.token,
        }
        offline = {"HF_HUB_OFFLINE": "1"} if self._settings.hub_offline else {}
        calm = {"PYTHONUNBUFFERED": "1", "PLOTLY_RENDERER": "plotly_mimetype", "JUPYTER_PLATFORM_DIRS": "1"}
        return {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, threads), **offline, **calm, **cookie}
