"""A home with a queue, small job notebooks, and a worker in a thread."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from xvlab.jobs import JobQueue, JobRecord, Worker
from xvlab.jobs.cookie import sweep
from xvlab.jobs.queue import NewJob
from xvlab.workspace import Home, open_home

LEASE_SECONDS = 4.0


def notebook_bytes(*cells: str, parameters: str = "text: str = ''") -> bytes:
    """Write a notebook with a parameters cell and these code cells."""
    sources = [(parameters, ["parameters"]), *((cell, []) for cell in cells)]
    body = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"c{index}",
                "metadata": {"tags": tags},
                "outputs": [],
                "source": source,
            }
            for index, (source, tags) in enumerate(sources)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(body).encode()


@dataclass
class Bench:
    """A home whose jobs are any notebook."""

    home: Home

    @property
    def queue(self) -> JobQueue:
        return JobQueue(self.home.database)

    @property
    def workspace_id(self) -> str:
        return self.home.workspace().id

    def submit(self, *cells: str, parameters: str = "text: str = ''", **fields: Any) -> JobRecord:
        sha256 = self.home.blobs.put(notebook_bytes(*cells, parameters=parameters))
        values = {"parameters": fields.pop("values", {}), "timeout_seconds": fields.pop("timeout_seconds", 120.0)}
        inputs = {"notebook_sha256": sha256}
        return self.queue.submit(NewJob(self.workspace_id, "train", inputs=inputs, **values, **fields))

    def wait(self, job_id: str, seconds: float = 90.0) -> JobRecord:
        return self.until(job_id, lambda job: job.is_finished, seconds)

    def until(self, job_id: str, condition: Callable[[JobRecord], bool], seconds: float = 60.0) -> JobRecord:
        for _ in range(int(seconds / 0.1)):
            job = self.queue.get(job_id)
            if condition(job):
                return job
            threading.Event().wait(0.1)
        raise AssertionError(f"{self.queue.get(job_id)}\n{self.log_or_empty(job_id)}")

    def log(self, job_id: str) -> str:
        return (self.folder(job_id) / "log.txt").read_text()

    def log_or_empty(self, job_id: str) -> str:
        file = self.folder(job_id) / "log.txt"
        return file.read_text() if file.is_file() else ""

    def notebook(self, job_id: str) -> dict[str, Any]:
        return json.loads((self.folder(job_id) / "output.ipynb").read_text())

    def folder(self, job_id: str) -> Path:
        return self.home.settings.home / "jobs" / job_id


@pytest.fixture
def bench(home_folder: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("XVLAB_LEASE_SECONDS", str(LEASE_SECONDS))
    shutil.copytree(empty_home, home_folder)
    with open_home(home_folder) as home:
        yield Bench(home)


@dataclass
class WorkerThread:
    """A worker in a thread of the test."""

    home: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=Worker(self.home).run, args=(self.stopping,))
        self.thread.start()

    def stop(self) -> None:
        assert self.thread is not None
        self.stopping.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def worker(bench: Bench) -> Iterator[WorkerThread]:
    """A working worker, stopped at the end."""
    running = WorkerThread(bench.home.settings.home)
    running.start()
    yield running
    running.stop()


WORKER = "import sys, threading; from xvlab.jobs import Worker; Worker(sys.argv[1]).run(threading.Event())"


@dataclass
class WorkerProcess:
    """A worker in a process of its own, which may be killed and started again."""

    home: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", WORKER, str(self.home)])

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def worker_process(bench: Bench) -> Iterator[WorkerProcess]:
    """A running worker process; at the end it and all jobs of the home are killed."""
    running = WorkerProcess(bench.home.settings.home)
    running.start()
    yield running
    running.kill()
    sweep("XVLAB_HOME", str(bench.home.settings.home))
