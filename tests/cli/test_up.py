"""``xvlab up`` as one process tree: answers, survives kill -9 of any part, ends as a whole, starts again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from xvlab.workspace import open_home

pytestmark = pytest.mark.timeout(280)


class Up:
    """A running ``xvlab up``."""

    def __init__(self, home, *arguments):
        command = [sys.executable, "-m", "xvlab.cli", "up", "--home", str(home), "--no-browser", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = ""

    def wait_until_ready(self):
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Stop with"):
                break
        else:
            raise AssertionError(self.process.stderr.read())
        self.api = re.search(r"API:\s+(http://[^/]+)", self.said).group(1)
        return self

    def parts(self):
        """Process ids of the services by name."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                words = child.cmdline()
            except psutil.NoSuchProcess:  # a zombie, or gone meanwhile
                continue
            name = next((name for name in ("serve", "worker", "xvlab_widgets.dashboards") if name in words), None)
            if name and "tethered.py" not in " ".join(words):
                found[name] = child.pid
        return found

    def tree(self):
        return [self.process.pid, *(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


def ready(api):
    try:
        return httpx.get(f"{api}/readyz", trust_env=False, timeout=5).json()
    except (httpx.HTTPError, ValueError):
        return {"ready": False, "checks": {"worker": "not seen"}}


def until(condition, seconds=90.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def gone(pids):
    return not [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


def test_up_survives_kills_and_ends_as_a_whole(home_folder):
    open_home(home_folder).close()
    up = Up(home_folder, "--port", "0", "--api-port", "0").wait_until_ready()
    try:
        before = up.parts()
        assert {"serve", "worker"} <= set(before)
        second = Up(home_folder, "--port", "0", "--api-port", "0")
        assert "is up already" in second.process.communicate(timeout=60)[1]
        assert second.process.returncode == 2
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        until(lambda: set(up.parts()) == set(before) and not set(up.parts().values()) & set(before.values()))
        until(lambda: ready(up.api)["ready"] and ready(up.api)["checks"]["worker"] != "not seen")
        tree = up.tree()
    finally:
        code = up.end()
    assert code == 0
    until(lambda: gone(tree), 10)


def test_everything_ends_when_up_is_killed_and_a_new_up_takes_over(home_folder):
    open_home(home_folder).close()
    up = Up(home_folder, "--port", "0", "--api-port", "0").wait_until_ready()
    tree, port = up.tree(), up.api.rpartition(":")[2]
    up.end(signal.SIGKILL)
    again = Up(home_folder, "--port", "0", "--api-port", port).wait_until_ready()
    try:
        until(lambda: gone(tree), 30)
        assert ready(again.api)["ready"]
    finally:
        assert again.end(signal.SIGINT) == 0


def test_a_taken_port_is_told_at_once(home_folder):
    open_home(home_folder).close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        up = Up(home_folder, "--port", "0", "--api-port", str(taken.getsockname()[1]))
        _, told = up.process.communicate(timeout=60)
    assert up.process.returncode == 2
    assert re.search(r"error: Port \d+ on 127.0.0.1 is in use", told)
