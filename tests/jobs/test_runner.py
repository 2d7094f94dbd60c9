"""Jobs from submission to their final state, with real papermill and real kernels."""

from __future__ import annotations

import pytest

from .conftest import Bench

pytestmark = pytest.mark.usefixtures("worker")


def test_a_job_succeeds_and_keeps_notebook_and_log(bench: Bench) -> None:
    job = bench.submit("print('hello', text)", values={"text": "a 'quoted' {brace}\n\"value\""})

    done = bench.wait(job.id)

    assert (done.state, done.attempts, done.error) == ("succeeded", 1, "")
    assert "hello a 'quoted' {brace}" in bench.log(job.id)
    notebook = bench.notebook(job.id)
    assert [cell["metadata"].get("tags") for cell in notebook["cells"]] == [["parameters"], ["injected-parameters"], []]
