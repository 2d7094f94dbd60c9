"""Keeping processes alive, and ending all of them, however the supervisor itself ends."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from xvlab.cli.supervisor import Service, Supervisor


def service(tmp_path, name, code):
    return Service(name, (sys.executable, "-c", code), tmp_path / f"{name}.log")


def until(condition, seconds=20.0, tick=lambda: None):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        tick()
        time.sleep(0.05)


@pytest.fixture
def supervise():
    made = []

    def make(*services):
        supervisor = Supervisor(services, {"GIVEN": "value"})
        made.append(supervisor)
        supervisor.start()
        return supervisor

    yield make
    for supervisor in made:
        supervisor.stop()


def test_services_get_their_variables_and_a_log(supervise, tmp_path):
    code = "import os, time; print(os.environ['GIVEN'], flush=True); time.sleep(60)"
    supervise(service(tmp_path, "one", code))
    until(lambda: (tmp_path / "one.log").read_text() == "value\n")


def test_a_killed_service_comes_back(supervise, tmp_path):
    supervisor = supervise(service(tmp_path, "one", "import time; time.sleep(60)"))
    first = supervisor.pids["one"]
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.restarts["one"] == 1, tick=supervisor.tick)
    assert supervisor.pids["one"] != first
    assert psutil.pid_exists(supervisor.pids["one"])


def test_a_service_that_always_dies_is_tried_ever_more_slowly(supervise, tmp_path):
    supervisor = supervise(service(tmp_path, "one", "raise SystemExit(1)"))
    started = time.monotonic()
    until(lambda: supervisor.restarts["one"] == 2, tick=supervisor.tick)
    assert time.monotonic() - started > 1.4


def test_stop_ends_a_service_with_its_children(supervise, tmp_path):
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    supervisor = supervise(service(tmp_path, "one", code))
    until(lambda: (tmp_path / "one.log").read_text().strip())
    child = int((tmp_path / "one.log").read_text())
    parent = supervisor.pids["one"]
    supervisor.stop()
    until(lambda: not _runs(child) and not _runs(parent))


def test_services_end_when_the_supervisor_is_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from xvlab.cli.supervisor import Service, Supervisor;"
        "sleep = (sys.executable, '-c', 'import time; time.sleep(60)');"
        f"s = Supervisor([Service('one', sleep, Path({str(tmp_path / 'log')!r}))], {{}});"
        "s.start(); print(s.pids['one'], flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        child = int(supervisor.stdout.readline())
        until(lambda: "sleep" in " ".join(psutil.Process(child).cmdline()[-1:]))
        supervisor.kill()
    until(lambda: not _runs(child))


def _runs(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
