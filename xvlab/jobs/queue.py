"""The queue: the table of jobs. Every change of an attempt names its token, so that an old attempt changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import and_, func, or_, select, text, tuple_, update
from sqlalchemy.orm import Session

from xvlab._clock import utc_now
from xvlab._database import Database
from xvlab._database.base import new_id
from xvlab._database.tables import JobRow
from xvlab.errors import AttemptLostError, ConflictError, NotFoundError
from xvlab.jobs.record import FINAL_STATES, JobRecord, JobState, record_of

# From the claim to the first heartbeat a fresh interpreter must start and import; a dead one is noticed by its pid.
START_GRACE_SECONDS = 60.0
_FIRST_BACK_OFF_SECONDS = 1.0
_LONGEST_BACK_OFF_SECONDS = 300.0
_CLAIM_LOCK = 7319804427


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is needed to submit a job; see :class:`xvlab.jobs.record.JobRecord` for the fields."""

    workspace_id: str
    notebook: str
    timeout_seconds: float
    task_id: str | None = None
    user_id: str | None = None
    parameters: dict[str, Any] | None = None
    inputs: dict[str, Any] | None = None
    priority: int = 0
    max_attempts: int = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """One started attempt: the fence token and where its process is."""

    job_id: str
    token: str
    runner_pid: int | None
    runner_host: str | None
    lease_until: datetime | None


class JobQueue:
    """Submits, claims and finishes jobs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, job: NewJob) -> JobRecord:
        """Put a job into the queue."""
        row = JobRow(
            id=new_id(),
            workspace_id=job.workspace_id,
            task_id=job.task_id,
            user_id=job.user_id,
            notebook=job.notebook,
            parameters=job.parameters or {},
            inputs=job.inputs or {},
            state="queued",
            priority=job.priority,
            attempts=0,
            max_attempts=job.max_attempts,
            timeout_seconds=job.timeout_seconds,
            cancel_requested=False,
            progress={},
            result={},
            error="",
            created_at=utc_now(),
        )
        with self._database.write() as session:
            session.add(row)
        return record_of(row)

    def get(self, job_id: str, *, workspace_id: str | None = None) -> JobRecord:
        """Return a job.

        Raises:
            NotFoundError: No job has this id, or it belongs to another workspace.
        """
        with self._database.read() as session:
            return record_of(_row(session, job_id, workspace_id))

    def page(
        self, workspace_id: str, *, task_id: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> tuple[Sequence[JobRecord], int]:
        """Return jobs of a workspace, newest first, and how many there are in all."""
        mine = [JobRow.workspace_id == workspace_id]
        if task_id is not None:
            mine.append(JobRow.task_id == task_id)
        newest = select(JobRow).where(*mine).order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit)
        if after is not None:
            newest = newest.where(tuple_(JobRow.created_at, JobRow.id) < tuple_(*after))
        with self._database.read() as session:
            count = session.scalar(select(func.count()).select_from(JobRow).where(*mine)) or 0
            return [record_of(row) for row in session.scalars(newest)], count

    def claim(self, *, host: str, slots: int, lease_seconds: float) -> Attempt | None:
        """Take the next job: highest priority, then oldest; ``None`` when none is due or this host's slots are busy.

        One statement chooses and marks it, so that two workers never get the same one.
        """
        now = utc_now()
        running = (
            select(func.count()).select_from(JobRow).where(JobRow.state == "running", JobRow.runner_host == host)
        ).scalar_subquery()
        due = or_(JobRow.not_before.is_(None), JobRow.not_before <= now)
        chosen = (
            select(JobRow.id)
            .where(JobRow.state == "queued", due, running < slots)
            .order_by(JobRow.priority.desc(), JobRow.created_at, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).scalar_subquery()
        marked = (
            update(JobRow)
            .where(JobRow.id == chosen)
            .values(
                state="running",
                attempts=JobRow.attempts + 1,
                attempt_token=new_id(),
                runner_pid=None,
                runner_host=host,
                not_before=None,
                lease_until=now + timedelta(seconds=max(lease_seconds, START_GRACE_SECONDS)),
                started_at=now,
                finished_at=None,
                error="",
            )
            .returning(JobRow)
            .execution_options(synchronize_session=False)
        )
        with self._database.write() as session:
            if not self._database.is_sqlite:  # the count of busy slots must not be taken twice at once
                session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIM_LOCK})
            row = session.scalars(marked).one_or_none()
            return None if row is None else _attempt(row)

    def has_due(self) -> bool:
        """Whether a queued job is due now; a read, so that idle workers take no write lock."""
        due = or_(JobRow.not_before.is_(None), JobRow.not_before <= utc_now())
        with self._database.read() as session:
            return session.scalar(select(JobRow.id).where(JobRow.state == "queued", due).limit(1)) is not None

    def running(self) -> list[Attempt]:
        """Return all attempts that are marked as running."""
        with self._database.read() as session:
            return [_attempt(row) for row in session.scalars(select(JobRow).where(JobRow.state == "running"))]

    def started(self, job_id: str, token: str, pid: int) -> None:
        """Record the process of an attempt; an attempt that was lost meanwhile is left alone."""
        with self._database.write() as session:
            session.execute(_of_attempt(job_id, token).values(runner_pid=pid))

    def heartbeat(self, job_id: str, token: str, *, lease_seconds: float) -> bool:
        """Lengthen the lease; return whether the job shall be cancelled.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        lease_until = utc_now() + timedelta(seconds=lease_seconds)
        beat = _of_attempt(job_id, token).values(lease_until=lease_until).returning(JobRow.cancel_requested)
        with self._database.write() as session:
            cancel = session.scalar(beat)
        if cancel is None:
            raise _lost(job_id)
        return bool(cancel)

    def timeout_seconds(self, job_id: str) -> float:
        """Return how long one attempt of a job may run."""
        with self._database.read() as session:
            return _row(session, job_id, None).timeout_seconds

    def set_progress(self, job_id: str, token: str, progress: dict[str, Any]) -> None:
        """Write the progress of an attempt.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        self._change(job_id, token, progress=progress)

    def finish(self, job_id: str, token: str, state: JobState, *, error: str = "") -> None:
        """Write the final state.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        self._change(job_id, token, state=state, error=error, finished_at=utc_now(), **_NO_ATTEMPT)

    def give_up(self, attempt: Attempt, reason: str) -> JobState:
        """End an attempt that died: queue the job again after a pause, or fail it when it had its last attempt.

        A job that somebody cancelled meanwhile is cancelled.

        Returns:
            The state it has now.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        with self._database.write() as session:
            row = _owned(session, attempt.job_id, attempt.token)
            if row.cancel_requested:
                row.state, row.finished_at = "cancelled", utc_now()
            elif row.attempts >= row.max_attempts:
                row.state, row.finished_at, row.error = "failed", utc_now(), _poison_error(row.attempts, reason)
            else:
                pause = min(_FIRST_BACK_OFF_SECONDS * 2.0 ** (row.attempts - 1), _LONGEST_BACK_OFF_SECONDS)
                row.state, row.not_before = "queued", utc_now() + timedelta(seconds=pause)
            row.attempt_token = row.runner_pid = row.lease_until = None
            return cast("JobState", row.state)

    def release(self, job_id: str, token: str) -> None:
        """Put the job of an attempt that is stopped on purpose back into the queue; the attempt is not counted.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        self._change(job_id, token, state="queued", attempts=JobRow.attempts - 1, **_NO_ATTEMPT)

    def attempt(self, job_id: str, token: str) -> Attempt:
        """Return a running attempt.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        with self._database.read() as session:
            return _attempt(_owned(session, job_id, token))

    def cancel(self, job_id: str, *, workspace_id: str | None = None) -> JobRecord:
        """Cancel a queued job at once, ask a running one to stop, and leave a finished one as it is."""
        with self._database.write() as session:
            row = _row(session, job_id, workspace_id)
            if row.state == "queued":
                row.state, row.finished_at = "cancelled", utc_now()
            if row.state not in FINAL_STATES:
                row.cancel_requested = True
            return record_of(row)

    def retry(self, job_id: str, *, workspace_id: str | None = None) -> JobRecord:
        """Queue a failed or cancelled job again; it goes on from its last checkpoint.

        Raises:
            ConflictError: The job is not failed or cancelled.
        """
        with self._database.write() as session:
            row = _row(session, job_id, workspace_id)
            if row.state not in ("failed", "cancelled"):
                raise ConflictError(f"Job {job_id} is {row.state}; only a failed or cancelled job can be retried.")
            row.state, row.error, row.attempts, row.cancel_requested = "queued", "", 0, False
            row.not_before = row.finished_at = row.attempt_token = None
            return record_of(row)

    def _change(self, job_id: str, token: str, **values: Any) -> None:
        with self._database.write() as session:
            changed = session.scalar(_of_attempt(job_id, token).values(**values).returning(JobRow.id))
        if changed is None:
            raise _lost(job_id)


_NO_ATTEMPT: dict[str, Any] = {"attempt_token": None, "runner_pid": None, "lease_until": None}


def _of_attempt(job_id: str, token: str) -> Any:
    mine = and_(JobRow.id == job_id, JobRow.attempt_token == token, JobRow.state == "running")
    return update(JobRow).where(mine).execution_options(synchronize_session=False)


def _lost(job_id: str) -> AttemptLostError:
    return AttemptLostError(f"This attempt does not own job {job_id} any more; another one does. Nothing was written.")


def _poison_error(attempts: int, reason: str) -> str:
    return (
        f"The job was started {attempts} times and died each time; the last time: {reason}. "
        "Read its log; if memory ran out, choose a smaller batch or model, then retry it."
    )


def _owned(session: Session, job_id: str, token: str) -> JobRow:
    owned = select(JobRow).where(JobRow.id == job_id, JobRow.attempt_token == token, JobRow.state == "running")
    row = session.scalars(owned.with_for_update()).one_or_none()
    if row is None:
        raise _lost(job_id)
    return row


def _row(session: Session, job_id: str, workspace_id: str | None) -> JobRow:
    row = session.get(JobRow, job_id)
    if row is None or (workspace_id is not None and row.workspace_id != workspace_id):
        raise NotFoundError(f"No job has the id {job_id!r} here. List the jobs of the workspace.")
    return row


def _attempt(row: JobRow) -> Attempt:
    return Attempt(
        job_id=row.id,
        token=row.attempt_token or "",
        runner_pid=row.runner_pid,
        runner_host=row.runner_host,
        lease_until=row.lease_until,
    )
