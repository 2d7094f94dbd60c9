"""What no process can prevent: kill -9, a stopped process, a machine that goes down. The job ends exactly once."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable

import psutil
import pytest

from xvlab.jobs.cookie import JOB_VARIABLE, sweep
from xvlab.jobs.queue import Attempt

from .conftest import Bench, WorkerProcess, WorkerThread

# Counts to 80 with a checkpoint after each step, and notes which attempt made which step.
COUNTING = """
import os, pathlib, time
steps = pathlib.Path("run/steps.txt")
done = len(steps.read_text().splitlines()) if steps.exists() else 0
for step in range(done + 1, 81):
    time.sleep(0.08)
    with steps.open("a") as file:
        file.write(f"{step} {os.environ['XVLAB_JOB_TOKEN']}\\n")
"""


def steps(bench: Bench, job_id: str) -> list[list[str]]:
    file = bench.folder(job_id) / "run" / "steps.txt"
    return [line.split() for line in file.read_text().splitlines()] if file.is_file() else []


def running_attempt(bench: Bench, job_id: str) -> Attempt:
    (attempt,) = (one for one in bench.queue.running() if one.job_id == job_id)
    return attempt


def stop_runner(bench: Bench, job_id: str, worker: WorkerProcess) -> None:
    """The runner hangs, its kernel goes on."""
    pid = running_attempt(bench, job_id).runner_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)


def power_off(bench: Bench, job_id: str, worker: WorkerProcess) -> None:
    """Everything is gone at once, and comes back."""
    worker.kill()
    assert sweep(JOB_VARIABLE, job_id) >= 2
    worker.start()


@pytest.mark.parametrize("harm", [pytest.param(stop_runner, id="hung runner"), pytest.param(power_off, id="power off")])
def test_a_job_goes_on_from_its_checkpoint(
    bench: Bench, worker_process: WorkerProcess, harm: Callable[[Bench, str, WorkerProcess], None]
) -> None:
    job = bench.submit(COUNTING)
    bench.until(job.id, lambda _: len(steps(bench, job.id)) >= 5)

    harm(bench, job.id, worker_process)

    done = bench.wait(job.id)
    assert (done.state, done.attempts) == ("succeeded", 2)
    made = steps(bench, job.id)
    assert [int(step) for step, _ in made] == list(range(1, 81))  # none lost, none made twice
    assert len(list(itertools.groupby(token for _, token in made))) == 2  # never two attempts at a time


def test_a_job_that_always_kills_its_kernel_fails_with_its_last_attempt(
    bench: Bench, worker_process: WorkerProcess
) -> None:
    job = bench.submit("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", max_attempts=2)

    failed = bench.wait(job.id)

    assert (failed.state, failed.attempts) == ("failed", 2)
    assert "its kernel died" in failed.error
    assert "smaller batch" in failed.error


def test_two_workers_run_each_job_once_and_by_priority(bench: Bench, worker_process: WorkerProcess) -> None:
    second = WorkerProcess(bench.home.settings.home)
    second.start()
    blocker = bench.submit("import time; time.sleep(1)", priority=9)
    bench.until(blocker.id, lambda job: job.state == "running")
    note = "import os, pathlib\npathlib.Path('../order.txt').open('a').write(os.environ['XVLAB_JOB_ID'] + '\\n')"

    jobs = [bench.submit(note, priority=priority) for priority in (0, 3)]
    done = [bench.wait(job.id) for job in jobs]
    second.kill()

    assert [(job.state, job.attempts) for job in done] == [("succeeded", 1)] * 2
    order = (bench.home.settings.home / "jobs" / "order.txt").read_text().split()
    assert order == [jobs[1].id, jobs[0].id]


def test_an_orderly_stop_puts_the_job_back_and_leaves_no_process(bench: Bench, worker: WorkerThread) -> None:
    job = bench.submit(COUNTING)
    bench.until(job.id, lambda _: len(steps(bench, job.id)) >= 2)
    worker.stop()

    left = [process for process in psutil.process_iter() if belongs_to(process, job.id)]
    assert left == []
    assert (bench.queue.get(job.id).state, bench.queue.get(job.id).attempts) == ("queued", 0)


def belongs_to(process: psutil.Process, job_id: str) -> bool:
    try:
        return process.environ().get(JOB_VARIABLE) == job_id
    except (psutil.Error, OSError):
        return False
