"""Labels of a workspace: categories, tags, values and box labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xvlab._database.tables import ImageLabelRow, LabelRow, TaskLabelRow
from xvlab.errors import InvalidInputError, NotFoundError

from .context import WorkspaceContext
from .pages import Page, chunks, contains_pattern, keyset, make_page

LABEL_KINDS = ("category", "tag", "value", "box")
UNCOUNTED = -1


@dataclass(frozen=True, slots=True)
class Label:
    """A label; its name need not be unique. ``images_count`` is -1 where nobody counted."""

    id: str
    workspace_id: str
    name: str
    kind: str
    output_name: str
    description: str
    color: str
    created_at: datetime
    images_count: int = UNCOUNTED


def label_of(row: LabelRow, images_count: int = UNCOUNTED) -> Label:
    """Make the value from its row."""
    return Label(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        kind=row.kind,
        output_name=row.output_name,
        description=row.description,
        color=row.color,
        created_at=row.created_at,
        images_count=images_count,
    )


def check_name(name: str, *, longest: int = 500) -> str:
    """Return the name without blanks around it.

    Raises:
        InvalidInputError: It is empty, too long, or holds control characters.
    """
    name = name.strip()
    if not 1 <= len(name) <= longest or any(ord(letter) < 32 for letter in name):
        message = f"Expected 1 to {longest} characters without control characters, got {name[:40]!r}. Choose another."
        raise InvalidInputError(message, field="name")
    return name


class Labels:
    """The labels of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def create(
        self, name: str, *, kind: str = "category", output_name: str = "", description: str = "", color: str = ""
    ) -> Label:
        """Make a label; a second one of the same name is another label.

        Raises:
            InvalidInputError: The name is not usable or the kind unknown.
        """
        if kind not in LABEL_KINDS:
            message = f"Expected a kind of {', '.join(LABEL_KINDS)}, got {kind!r}. Choose one of them."
            raise InvalidInputError(message, field="kind")
        row = LabelRow(
            workspace_id=self._context.workspace_id,
            name=check_name(name),
            kind=kind,
            output_name=output_name,
            description=description,
            color=color,
        )
        with self._context.database.write() as session:
            session.add(row)
        return label_of(row, 0)

    def get(self, label_id: str) -> Label:
        """Return a label with the number of its images.

        Raises:
            NotFoundError: This workspace has no such label.
        """
        with self._context.database.read() as session:
            row = self.row(session, label_id)
            return label_of(row, _count_images(session, [label_id]).get(label_id, 0))

    def find(self, name: str, *, kind: str | None = None) -> Label | None:
        """Return the oldest label of this exact name, or ``None``."""
        query = select(LabelRow).where(
            LabelRow.workspace_id == self._context.workspace_id, LabelRow.name == name.strip()
        )
        if kind is not None:
            query = query.where(LabelRow.kind == kind)
        with self._context.database.read() as session:
            row = session.scalars(query.order_by(LabelRow.created_at, LabelRow.id).limit(1)).first()
        return label_of(row) if row is not None else None

    def list(
        self, search: str = "", task_id: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Label]:
        """List labels, oldest first, with the numbers of their images.

        Args:
            search: Part of the name.
            task_id: Only the labels of this task.
            after: Cursor of the page before.
            limit: Length of the page, 1 to 1,000.
        """
        query = select(LabelRow).where(LabelRow.workspace_id == self._context.workspace_id)
        if search:
            query = query.where(LabelRow.name.ilike(contains_pattern(search), escape="!"))
        if task_id is not None:
            query = query.where(LabelRow.id.in_(select(TaskLabelRow.label_id).where(TaskLabelRow.task_id == task_id)))
        with self._context.database.read() as session:
            count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(keyset(query, LabelRow.created_at, LabelRow.id, after=after, limit=limit)).all()
            counted = _count_images(session, [row.id for row in rows])
        page = make_page(rows, limit=limit, count=count)
        return page.map(lambda row: label_of(row, counted.get(row.id, 0)))

    def rename(self, label_id: str, name: str) -> Label:
        """Give a label another name.

        Raises:
            NotFoundError: This workspace has no such label.
            InvalidInputError: The name is not usable.
        """
        with self._context.database.write() as session:
            row = self.row(session, label_id)
            row.name = check_name(name)
        return label_of(row)

    def delete(self, label_id: str) -> None:
        """Delete a label and take it off all images and tasks; snapshots keep what they saw.

        Raises:
            NotFoundError: This workspace has no such label.
        """
        with self._context.database.write() as session:
            session.delete(self.row(session, label_id))

    def row(self, session: Session, label_id: str) -> LabelRow:
        """Return the row of a label of this workspace, or raise NotFoundError."""
        row = session.get(LabelRow, label_id)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no label {label_id!r}. List the labels to see which there are.")
        return row


def _count_images(session: Session, label_ids: Sequence[str]) -> dict[str, int]:
    """Count the images of each label."""
    counted: dict[str, int] = {}
    for chunk in chunks(label_ids):
        query = select(ImageLabelRow.label_id, func.count()).where(ImageLabelRow.label_id.in_(chunk))
        counted.update(session.execute(query.group_by(ImageLabelRow.label_id)).tuples().all())
    return counted
