"""Jobs from submission to their final state, with real papermill and real kernels."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Bench

pytestmark = pytest.mark.usefixtures("worker")

SLEEP = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
PROGRESS = """
from IPython.display import publish_display_data
mime = "application/vnd.xvlab.progress+json"
for epoch in (1, 2, 3):
    for step in range(1, 200):
        publish_display_data({mime: {"event": "StepDone", "epoch": epoch, "epochs": 3, "step": step, "loss": 1 / step}})
    end = {"event": "EpochDone", "epoch": epoch, "epochs": 3, "train_loss": 0.5, "metrics": {"accuracy": epoch / 4}}
    publish_display_data({mime: end})
"""


def test_a_job_succeeds_and_keeps_notebook_log_and_progress(bench: Bench) -> None:
    job = bench.submit("print('hello', text)", PROGRESS, values={"text": "a 'quoted' {brace}\n\"value\""})

    done = bench.wait(job.id)

    assert (done.state, done.attempts, done.error) == ("succeeded", 1, "")
    assert "hello a 'quoted' {brace}" in bench.log(job.id)
    assert [entry["accuracy"] for entry in done.progress["history"]] == [0.25, 0.5, 0.75]
    assert (done.progress["epoch"], done.progress["step"], done.progress["metric"]) == (3, 199, 0.75)
    cells = bench.notebook(job.id)["cells"]
    assert [cell["metadata"].get("tags") for cell in cells] == [["parameters"], ["injected-parameters"], [], []]
    assert cells[-1]["outputs"] == []  # progress is not kept in the notebook


def test_a_failing_cell_fails_the_job_and_a_retry_runs_it_again(bench: Bench) -> None:
    again = "import pathlib\nflag = pathlib.Path('flag')\nif not flag.exists():\n    flag.touch()\n    1 / 0"
    job = bench.submit("print('fine')", again)

    failed = bench.wait(job.id)

    assert failed.state == "failed"
    assert failed.error.startswith("ZeroDivisionError: division by zero (cell [3]")
    assert "retry the job" in failed.error
    cells = bench.notebook(job.id)["cells"]
    assert "papermill-error-cell" in "".join(cells[0]["source"])  # a link to the failing cell stands on top

    bench.queue.retry(job.id)
    assert bench.wait(job.id).state == "succeeded"


def test_a_running_job_is_cancelled_and_its_notebook_kept(bench: Bench) -> None:
    job = bench.submit("print('kept')", SLEEP)
    bench.until(job.id, lambda _: "begun" in bench.log_or_empty(job.id))

    bench.queue.cancel(job.id)

    done = bench.wait(job.id, 15)
    assert (done.state, done.error) == ("cancelled", "")
    kept = [output.get("text") for cell in bench.notebook(job.id)["cells"] for output in cell.get("outputs", [])]
    assert ["kept\n"] in kept


def test_a_job_over_its_time_fails_and_says_so(bench: Bench) -> None:
    job = bench.submit(SLEEP, timeout_seconds=4.0)

    failed = bench.wait(job.id)

    assert failed.state == "failed"
    assert "longer than its limit of 4 seconds" in failed.error


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"open('pwned','w').write('x');z": 2}, id="code as a name"),
        pytest.param({"text": ["a list"]}, id="wrong type"),
        pytest.param({"unknown": 1}, id="not in the parameters cell"),
    ],
)
def test_parameters_outside_the_allow_list_never_reach_papermill(bench: Bench, values: dict[str, Any]) -> None:
    job = bench.submit("print('ran')", values=values)

    failed = bench.wait(job.id)

    assert failed.state == "failed"
    assert "arameter" in failed.error
    assert not (bench.folder(job.id) / "pwned").exists()
    assert not (bench.folder(job.id) / "output.ipynb").exists()
