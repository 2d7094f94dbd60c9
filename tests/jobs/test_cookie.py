"""The sweep finds exactly the processes of a job, however they were started, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from xvlab.jobs.cookie import is_alive, sweep

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
# A grandchild in a session of its own, whose parent is gone: what a data loader or torchrun may leave behind.
ORPHAN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=True)"


@pytest.fixture
def cookie() -> Iterator[dict[str, str]]:
    values = {"XVLAB_JOB_TOKEN": f"token-{os.getpid()}-{time.monotonic_ns()}"}
    yield values
    sweep("XVLAB_JOB_TOKEN", values["XVLAB_JOB_TOKEN"])


def start(code: str, cookie: dict[str, str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, **cookie}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_nothing_to_sweep(cookie: dict[str, str]) -> None:
    assert sweep("XVLAB_JOB_TOKEN", cookie["XVLAB_JOB_TOKEN"]) == 0


def test_orphans_are_killed_and_others_live(cookie: dict[str, str]) -> None:
    other = start(SLEEP, {"XVLAB_JOB_TOKEN": "another"})
    orphaned = start(ORPHAN, cookie)
    orphaned.wait(20)

    assert sweep("XVLAB_JOB_TOKEN", cookie["XVLAB_JOB_TOKEN"]) == 1
    assert other.poll() is None
    other.kill()
    other.communicate()
    orphaned.communicate()


def test_alive_means_running_and_of_this_attempt(cookie: dict[str, str]) -> None:
    token = cookie["XVLAB_JOB_TOKEN"]
    process = start(SLEEP, cookie)

    assert is_alive(process.pid, token)
    assert not is_alive(process.pid, "another")  # the number was given to a process of another attempt

    psutil.Process(process.pid).kill()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)
    assert not is_alive(process.pid, token)  # dead but not collected
    process.communicate()
    assert not is_alive(process.pid, token)
