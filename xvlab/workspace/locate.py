"""Find the workspace that holds an entity by the entity's id alone, as REST addresses do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from xvlab._database.tables import ImageRow, JobRow, LabelRow, ModelRow, SnapshotRow, TaskRow

if TYPE_CHECKING:
    from .home import Home

Noun = Literal["image", "job", "label", "model", "snapshot", "task"]
_TABLES = {
    "image": ImageRow,
    "job": JobRow,
    "label": LabelRow,
    "model": ModelRow,
    "snapshot": SnapshotRow,
    "task": TaskRow,
}


def workspace_of(home: Home, noun: Noun, entity_id: str) -> str | None:
    """Return the id of the workspace, or ``None`` when nothing has this id. Rights are the caller's to check."""
    table = _TABLES[noun]
    with home.database.read() as session:
        return session.scalar(select(table.workspace_id).where(table.id == entity_id))
