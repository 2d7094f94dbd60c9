"""Evaluations of a model on later snapshots: metrics and stored predictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from xvlab._clock import utc_now
from xvlab._database import Database
from xvlab._database.base import new_id
from xvlab._database.tables import EvaluationRow
from xvlab.registry.fence import JobFence


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """A model measured on a snapshot; ``predictions_sha256`` is the address of the stored predictions."""

    id: str
    model_id: str
    snapshot_id: str
    job_id: str | None
    metrics: dict[str, Any]
    predictions_sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewEvaluation:
    """What is recorded; ``result`` is kept in the job's row."""

    model_id: str
    snapshot_id: str
    metrics: dict[str, Any]
    predictions_sha256: str
    result: dict[str, Any] = field(default_factory=dict)


class Evaluations:
    """Evaluations in one workspace."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    def record(self, evaluation: NewEvaluation, *, fence: JobFence) -> EvaluationRecord:
        """Record the evaluation of a job; a second call of the same job returns the first.

        Raises:
            AttemptLostError: The attempt does not own the job any more; nothing was written.
        """
        with self._database.write() as session:
            job = fence.owned_row(session)
            row = session.scalars(select(EvaluationRow).where(EvaluationRow.job_id == job.id)).one_or_none()
            if row is None:
                row = EvaluationRow(
                    id=new_id(),
                    workspace_id=self._workspace_id,
                    model_id=evaluation.model_id,
                    snapshot_id=evaluation.snapshot_id,
                    job_id=job.id,
                    metrics=evaluation.metrics,
                    predictions_sha256=evaluation.predictions_sha256,
                    created_at=utc_now(),
                )
                session.add(row)
            job.result = {**job.result, **evaluation.result, "evaluation_id": row.id, "model_id": row.model_id}
            return _record(row)

    def newest(self, model_id: str) -> EvaluationRecord | None:
        """Return the newest evaluation of a model, if it was evaluated after its training."""
        mine = EvaluationRow.workspace_id == self._workspace_id, EvaluationRow.model_id == model_id
        newest = select(EvaluationRow).where(*mine).order_by(EvaluationRow.created_at.desc()).limit(1)
        with self._database.read() as session:
            row = session.scalars(newest).one_or_none()
            return None if row is None else _record(row)


def _record(row: EvaluationRow) -> EvaluationRecord:
    return EvaluationRecord(
        id=row.id,
        model_id=row.model_id,
        snapshot_id=row.snapshot_id,
        job_id=row.job_id,
        metrics=dict(row.metrics),
        predictions_sha256=row.predictions_sha256,
        created_at=row.created_at,
    )
