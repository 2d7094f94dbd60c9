"""The queue alone: order, slots, fences, back-off, the last attempt. No process is started."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from xvlab._clock import utc_now
from xvlab.errors import AttemptLostError, ConflictError, NotFoundError
from xvlab.jobs.queue import Attempt, NewJob
from xvlab.workspace import Home

from .conftest import Bench


@pytest.fixture
def bench(store: Home) -> Bench:
    """The queue on each kind of database in turn."""
    return Bench(store)


def put(bench: Bench, **fields: Any) -> str:
    values: dict[str, Any] = {"workspace_id": bench.workspace_id, "notebook": "train", "timeout_seconds": 9.0, **fields}
    return bench.queue.submit(NewJob(**values)).id


def claim(bench: Bench, *, slots: int = 99) -> Attempt | None:
    return bench.queue.claim(host="here", slots=slots, lease_seconds=9.0)


def claimed(bench: Bench) -> Attempt:
    attempt = claim(bench)
    assert attempt is not None
    return attempt


def test_an_empty_queue_gives_nothing(bench: Bench) -> None:
    assert claim(bench) is None
    assert not bench.queue.has_due()


def test_the_order_is_priority_then_time(bench: Bench) -> None:
    first, second, urgent, idle = put(bench), put(bench), put(bench, priority=5), put(bench, priority=-1)

    order = [claimed(bench).job_id for _ in range(4)]

    assert order == [urgent, first, second, idle]
    assert claim(bench) is None


def test_no_more_jobs_run_than_there_are_slots_on_a_host(bench: Bench) -> None:
    put(bench), put(bench)

    assert claim(bench, slots=1) is not None
    assert claim(bench, slots=1) is None
    assert bench.queue.claim(host="elsewhere", slots=1, lease_seconds=9.0) is not None


def test_many_workers_claim_each_job_once(bench: Bench) -> None:
    jobs = {put(bench) for _ in range(30)}
    seen: list[str] = []

    def work() -> None:
        while (attempt := claim(bench)) is not None:
            seen.append(attempt.job_id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == len(jobs)
    assert set(seen) == jobs


WRITES = [
    pytest.param(lambda bench, job, token: bench.queue.heartbeat(job, token, lease_seconds=1.0), id="heartbeat"),
    pytest.param(lambda bench, job, token: bench.queue.set_progress(job, token, {"step": 1}), id="progress"),
    pytest.param(lambda bench, job, token: bench.queue.finish(job, token, "succeeded"), id="finish"),
    pytest.param(lambda bench, job, token: bench.queue.release(job, token), id="release"),
]


@pytest.mark.parametrize("write", WRITES)
def test_an_old_attempt_changes_nothing(bench: Bench, write: Any) -> None:
    put(bench)
    old = claimed(bench)
    bench.queue.release(old.job_id, old.token)
    new = claimed(bench)

    with pytest.raises(AttemptLostError):
        write(bench, old.job_id, old.token)

    job = bench.queue.get(old.job_id)
    assert (job.state, job.progress) == ("running", {})
    assert bench.queue.heartbeat(new.job_id, new.token, lease_seconds=1.0) is False


def test_a_dead_attempt_waits_longer_each_time_and_fails_at_last(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = put(bench)
    now = utc_now()
    for expected in ("queued", "queued", "failed"):
        attempt = claimed(bench)
        assert bench.queue.give_up(attempt, "its kernel died") == expected
        assert claim(bench) is None  # not before its pause is over
        now += timedelta(minutes=10)
        monkeypatch.setattr("xvlab.jobs.queue.utc_now", lambda moment=now: moment)

    job = bench.queue.get(job_id)
    assert (job.state, job.attempts) == ("failed", 3)
    assert "died each time" in job.error
    assert "its kernel died" in job.error


def test_a_released_attempt_does_not_count(bench: Bench) -> None:
    put(bench)
    for _ in range(5):
        attempt = claimed(bench)
        bench.queue.release(attempt.job_id, attempt.token)

    assert bench.queue.get(attempt.job_id).attempts == 0


def test_a_queued_job_is_cancelled_at_once(bench: Bench) -> None:
    job_id = put(bench)

    assert bench.queue.cancel(job_id).state == "cancelled"
    assert claim(bench) is None
    assert bench.queue.cancel(job_id).state == "cancelled"


def test_a_cancelled_attempt_that_dies_is_not_started_again(bench: Bench) -> None:
    put(bench)
    attempt = claimed(bench)
    bench.queue.cancel(attempt.job_id)

    assert bench.queue.give_up(attempt, "killed") == "cancelled"


def test_only_a_failed_or_cancelled_job_can_be_retried(bench: Bench) -> None:
    job_id = put(bench)
    with pytest.raises(ConflictError, match="queued"):
        bench.queue.retry(job_id)
    bench.queue.cancel(job_id)

    job = bench.queue.retry(job_id)

    assert (job.state, job.attempts, job.cancel_requested, job.finished_at) == ("queued", 0, False, None)


def test_a_job_of_another_workspace_is_not_found(bench: Bench) -> None:
    job_id = put(bench)
    other = bench.home.create_workspace("other").id

    for action in (bench.queue.get, bench.queue.cancel, bench.queue.retry):
        with pytest.raises(NotFoundError):
            action(job_id, workspace_id=other)
