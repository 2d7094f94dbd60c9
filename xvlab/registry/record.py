"""A model version as the outside sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xvlab._database.tables import ModelRow


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A trained version of a task.

    Attributes:
        id: Id of the model.
        workspace_id: The workspace it belongs to.
        task_id: The task it is a version of.
        version: 1, 2, 3 …; never used again, not even after a deletion.
        snapshot_id: Exactly what it was trained on.
        job_id: The job that trained it.
        parameters: Every option of the training, resolved (no ``auto`` left).
        metrics: ``evaluation`` and ``test``, see ``xvlab.metrics.evaluate_classification``.
        artifacts: File name to sha256 of its bytes in the blob store.
        created_at: When it was registered.
        is_production: Whether it answers when no version is asked for.
    """

    id: str
    workspace_id: str
    task_id: str
    version: int
    snapshot_id: str
    job_id: str | None
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    artifacts: dict[str, str]
    created_at: datetime
    is_production: bool


def model_of(row: ModelRow, production_version: int | None) -> ModelRecord:
    """Make the value of a row."""
    return ModelRecord(
        id=row.id,
        workspace_id=row.workspace_id,
        task_id=row.task_id,
        version=row.version,
        snapshot_id=row.snapshot_id,
        job_id=row.job_id,
        parameters=dict(row.parameters),
        metrics=dict(row.metrics),
        artifacts=dict(row.artifacts),
        created_at=row.created_at,
        is_production=row.version == production_version,
    )
