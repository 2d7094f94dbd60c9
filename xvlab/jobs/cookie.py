"""The environment cookie: every process of an attempt carries the job's id and token, so that all can be found."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

HOME_VARIABLE = "XVLAB_HOME"
JOB_VARIABLE = "XVLAB_JOB_ID"
TOKEN_VARIABLE = "XVLAB_JOB_TOKEN"  # noqa: S105 - the name of a variable
_SWEEP_ROUNDS = 5
_SECONDS_PER_ROUND = 2.0


def is_alive(pid: int, token: str) -> bool:
    """Whether this process runs and belongs to the attempt; one whose environment may not be read counts as alive."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get(TOKEN_VARIABLE) == token
    except (psutil.NoSuchProcess, psutil.ZombieProcess, ProcessLookupError):
        return False
    except (psutil.AccessDenied, OSError):
        return True


def sweep(variable: str, value: str) -> int:
    """Kill every process of this user with the cookie in its environment, until none is left; return how many.

    The calling process and its ancestors are spared: a worker may itself run inside a job.
    """
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    killed = 0
    for _ in range(_SWEEP_ROUNDS):
        found = [process for process in _with_cookie(variable, value) if process.pid not in spared]
        if not found:
            break
        for process in found:
            _kill(process)
        psutil.wait_procs(found, timeout=_SECONDS_PER_ROUND)
        killed += len(found)
    return killed


def _with_cookie(variable: str, value: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(variable) == value:
                yield process
        except (psutil.Error, OSError):
            continue


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
