"""Find the workspace that holds an entity by the entity's id alone, as REST addresses do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from xvlab._database.tables import ImageRow, JobRow, LabelRow, ModelRow, SnapshotRow, TaskRow

if TYPE_CHECKING:
    from .home import Home

Noun = Literal["image", "job", "label", "model", "snapshot", "task"]
_COLUMNS = {
    "image": (ImageRow.id, ImageRow.workspace_id),
    "job": (JobRow.id, JobRow.workspace_id),
    "label": (LabelRow.id, LabelRow.workspace_id),
    "model": (ModelRow.id, ModelRow.workspace_id),
    "snapshot": (SnapshotRow.id, SnapshotRow.workspace_id),
    "task": (TaskRow.id, TaskRow.workspace_id),
}


def workspace_of(home: Home, noun: Noun, entity_id: str) -> str | None:
    """Return the id of the workspace, or ``None`` when nothing has this id. Rights are the caller's to check."""
    own_id, workspace_id = _COLUMNS[noun]
    with home.database.read() as session:
        return session.scalar(select(workspace_id).where(own_id == entity_id))
