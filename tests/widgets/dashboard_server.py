"""A real dashboards server in a process of its own, for tests."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

PASSWORD = "correct horse"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class DashboardProcess:
    """A running server."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, name: str | None = None, password: str = PASSWORD) -> httpx.Client:
        """A browser's worth of cookies; signed in when a name is given."""
        client = httpx.Client(base_url=self.url, follow_redirects=False, timeout=60)
        if name is not None:
            assert sign_in(client, name, password).status_code == 302
        return client

    def kernels(self) -> list[psutil.Process]:
        """The kernels that live now."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "dashboards.kernel" in " ".join(child.cmdline())]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_dashboards(home: Path, *, preheated_kernels: int, log: Path, api_url: str = "") -> DashboardProcess:
    """Start the server as ``xvlab up`` does, and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "xvlab_widgets.dashboards", "--home", str(home), "--port", str(port)]
    command += ["--api-url", api_url] if api_url else []
    environment = {**os.environ, "XVLAB_PREHEATED_KERNELS": str(preheated_kernels)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    server = DashboardProcess(home, port, process, log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{server.url}/healthz").is_success:
                return server
        except httpx.TransportError:
            time.sleep(0.1)
    server.stop()
    raise AssertionError(f"The dashboards did not start:\n{log.read_text()}")


def sign_in(client: httpx.Client, name: str, password: str, *, next_url: str = "/") -> httpx.Response:
    """Fill in the sign-in form as a browser does."""
    form = client.get("/login").text
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', form)
    assert xsrf is not None
    fields = {"name": name, "password": password, "next": next_url, "_xsrf": xsrf[1]}
    return client.post("/login", data=fields)


def open_page(client: httpx.Client, page: str, **headers: str) -> str:
    """Load a page to its end and return the id of its kernel."""
    answer = client.get(f"/voila/render/{page}.ipynb", headers=headers)
    assert answer.status_code == 200, answer.status_code
    found = re.search(r'"kernelId": "([0-9a-f-]{36})"', answer.text)
    assert found is not None, answer.text[-2000:]
    return found[1]
