"""What a job costs besides its cells: seconds from claim to final state of a trivial notebook, less its cells."""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from xvlab.jobs import JobQueue, Worker
from xvlab.jobs.queue import NewJob
from xvlab.workspace import Home, open_home

RUNS = 5
TARGET_SECONDS = 5.0


def trivial_notebook() -> bytes:
    """Write a notebook with an empty parameters cell and a cell that computes 1 + 1."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": name,
            "metadata": {"tags": tags},
            "outputs": [],
            "source": code,
        }
        for name, tags, code in (("a", ["parameters"], "text = ''"), ("b", [], "1 + 1"))
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def cell_seconds(notebook: Path) -> float:
    """Return the time that papermill measured in the cells."""
    cells = json.loads(notebook.read_text())["cells"]
    return sum(cell["metadata"]["papermill"]["duration"] or 0.0 for cell in cells if cell["cell_type"] == "code")


def overhead_seconds(home: Home, sha256: str) -> float:
    """Run one job; return its overhead."""
    workspace = home.workspace()
    inputs = {"notebook_sha256": sha256}
    job = JobQueue(home.database).submit(NewJob(workspace.id, "train", 60.0, inputs=inputs))
    done = workspace.jobs.wait(job.id, 120)
    assert done.state == "succeeded", done.error
    assert isinstance(done.started_at, datetime)
    assert isinstance(done.finished_at, datetime)
    whole = (done.finished_at - done.started_at).total_seconds()
    return whole - cell_seconds(home.settings.home / "jobs" / job.id / "output.ipynb")


def main() -> None:
    """Measure and print one JSON line."""
    with tempfile.TemporaryDirectory() as folder, open_home(Path(folder)) as home:
        stop = threading.Event()
        worker = threading.Thread(target=Worker(folder).run, args=(stop,))
        worker.start()
        try:
            sha256 = home.blobs.put(trivial_notebook())
            seconds = statistics.median(overhead_seconds(home, sha256) for _ in range(RUNS))
        finally:
            stop.set()
            worker.join()
    line = {
        "figure": "papermill's overhead per job",
        "value": round(seconds, 2),
        "unit": "s",
        "target": TARGET_SECONDS,
        "ratio": round(TARGET_SECONDS / seconds, 2),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
