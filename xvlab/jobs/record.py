"""A job as the outside sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from xvlab._database.tables import JobRow

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
OPEN_STATES: tuple[JobState, ...] = ("queued", "running")
FINAL_STATES: tuple[JobState, ...] = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One execution of one job notebook.

    Attributes:
        id: Id of the job.
        workspace_id: The workspace it belongs to.
        task_id: The task it works for.
        notebook: Name of the job notebook, for example ``train``.
        parameters: What is injected into the notebook's parameters cell.
        inputs: What the library reads from the row: ``snapshot_id``, ``model_id``, ``promote``, ``reproduces``.
        state: ``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``.
        priority: Higher runs first; equal ones in the order of their time.
        attempts: How often it was started.
        cancel_requested: Somebody asked to cancel it.
        progress: ``stage``, ``message``, ``epoch``, ``epochs``, ``step``, ``steps_per_epoch``, ``loss``, ``metric``,
            ``seconds_left``, ``images_per_second``, ``history`` (one dict per epoch).
        result: What a finished job left, for example ``model_id`` and ``version``.
        error: Why it failed and what to do; empty otherwise.
        created_at: When it was submitted.
        started_at: When its newest attempt began.
        finished_at: When it reached a final state.
    """

    id: str
    workspace_id: str
    task_id: str | None
    notebook: str
    parameters: dict[str, Any]
    inputs: dict[str, Any]
    state: JobState
    priority: int
    attempts: int
    cancel_requested: bool
    progress: dict[str, Any]
    result: dict[str, Any]
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Whether the state is final."""
        return self.state in FINAL_STATES


def record_of(row: JobRow) -> JobRecord:
    """Make the value of a row."""
    return JobRecord(
        id=row.id,
        workspace_id=row.workspace_id,
        task_id=row.task_id,
        notebook=row.notebook,
        parameters=dict(row.parameters),
        inputs=dict(row.inputs),
        state=cast("JobState", row.state),
        priority=row.priority,
        attempts=row.attempts,
        cancel_requested=row.cancel_requested,
        progress=dict(row.progress),
        result=dict(row.result),
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
