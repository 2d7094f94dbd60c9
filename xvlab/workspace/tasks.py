"""Tasks of a workspace: a problem, its labels and how it is trained."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from xvlab._database.tables import LabelRow, TaskLabelRow, TaskRow
from xvlab.errors import ConflictError, InvalidInputError, NotFoundError
from xvlab.tasks import TrainConfig, kinds, task_kind

from .context import WorkspaceContext
from .labels import Label, check_name, label_of
from .pages import Page, chunks, keyset, make_page


@dataclass(frozen=True, slots=True)
class Task:
    """A problem. ``labels`` are in class order; ``configuration`` holds the options that differ from the defaults."""

    id: str
    workspace_id: str
    name: str
    kind: str
    description: str
    labels: tuple[Label, ...]
    production_version: int | None
    last_version: int
    configuration: dict[str, Any]
    created_at: datetime

    @property
    def train_config(self) -> TrainConfig:
        """The options of a training of this task."""
        return TrainConfig.model_validate(self.configuration)


class Tasks:
    """The tasks of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def create(
        self, name: str, *, kind: str = "multi_class", description: str = "", label_names: Iterable[str] = ()
    ) -> Task:
        """Make a task; labels of these names are found in the workspace, or made.

        Raises:
            InvalidInputError: The name is not usable or the kind unknown.
        """
        if kind not in kinds():
            message = f"Expected a kind of {', '.join(kinds())}, got {kind!r}. Choose one of them."
            raise InvalidInputError(message, field="kind")
        row = TaskRow(
            workspace_id=self._context.workspace_id, name=check_name(name), kind=kind, description=description,
            last_version=0, configuration={},
        )  # fmt: skip
        names = list(dict.fromkeys(check_name(label_name) for label_name in label_names))
        with self._context.database.write() as session:
            session.add(row)
            session.flush()
            labels = label_rows_by_name(session, self._context.workspace_id, names, kinds()[kind].label_kind)
            append_labels(session, row.id, [labels[label_name].id for label_name in names])
        return self.get(row.id)

    def get(self, task_id: str) -> Task:
        """Return a task.

        Raises:
            NotFoundError: This workspace has no such task.
        """
        with self._context.database.read() as session:
            return self._tasks_of(session, [self.row(session, task_id)])[0]

    def find(self, name: str) -> Task | None:
        """Return the oldest task of this exact name, or ``None``."""
        query = select(TaskRow).where(TaskRow.workspace_id == self._context.workspace_id, TaskRow.name == name.strip())
        with self._context.database.read() as session:
            row = session.scalars(query.order_by(TaskRow.created_at, TaskRow.id).limit(1)).first()
            return self._tasks_of(session, [row])[0] if row is not None else None

    def list(self, after: str | None = None, limit: int = 100) -> Page[Task]:
        """List tasks, oldest first."""
        query = select(TaskRow).where(TaskRow.workspace_id == self._context.workspace_id)
        with self._context.database.read() as session:
            count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(keyset(query, TaskRow.created_at, TaskRow.id, after=after, limit=limit)).all()
            page = make_page(rows, limit=limit, count=count)
            return Page(tuple(self._tasks_of(session, page.items)), page.next, page.count)

    def resolve(self, name_or_id: str) -> Task:
        """Return the task of this id, or the only one of this name.

        Raises:
            NotFoundError: There is none.
            ConflictError: Several tasks have this name.
        """
        same = (TaskRow.id == name_or_id) | (TaskRow.name == name_or_id.strip())
        with self._context.database.read() as session:
            rows = session.scalars(
                select(TaskRow).where(TaskRow.workspace_id == self._context.workspace_id, same)
            ).all()
            exact = [row for row in rows if row.id == name_or_id] or list(rows)
            if len(exact) > 1:
                ids = ", ".join(row.id for row in exact)
                raise ConflictError(f"{len(exact)} tasks are called {name_or_id!r}. Use one of their ids: {ids}.")
            if not exact:
                raise NotFoundError(
                    f"This workspace has no task {name_or_id!r}. List the tasks to see which there are."
                )
            return self._tasks_of(session, exact)[0]

    def add_label(self, task_id: str, label_id: str) -> Task:
        """Add a label as the last class; nothing happens when it is in the task.

        Raises:
            NotFoundError: This workspace has no such task or label.
            InvalidInputError: The label's kind does not fit the task's.
        """
        with self._context.database.write() as session:
            task = self.row(session, task_id)
            label = session.get(LabelRow, label_id)
            if label is None or label.workspace_id != self._context.workspace_id:
                raise NotFoundError(
                    f"This workspace has no label {label_id!r}. List the labels to see which there are."
                )
            wanted = task_kind(task.kind).label_kind
            if label.kind != wanted:
                message = f"A {task.kind} task takes {wanted} labels, {label.name!r} is a {label.kind}. Choose another."
                raise InvalidInputError(message, field="label_id")
            append_labels(session, task_id, [label_id])
        return self.get(task_id)

    def remove_label(self, task_id: str, label_id: str) -> Task:
        """Take a label out of a task; the label and its images stay, the classes behind it move up."""
        with self._context.database.write() as session:
            self.row(session, task_id)
            session.execute(
                delete(TaskLabelRow).where(TaskLabelRow.task_id == task_id, TaskLabelRow.label_id == label_id)
            )
            rows = session.scalars(
                select(TaskLabelRow).where(TaskLabelRow.task_id == task_id).order_by(TaskLabelRow.position)
            )
            for position, row in enumerate(rows.all()):
                row.position = position
        return self.get(task_id)

    def configure(self, task_id: str, config: TrainConfig) -> Task:
        """Keep the options of the next trainings."""
        with self._context.database.write() as session:
            self.row(session, task_id).configuration = config.model_dump(mode="json", exclude_defaults=True)
        return self.get(task_id)

    def rename(self, task_id: str, name: str) -> Task:
        """Give a task another name."""
        with self._context.database.write() as session:
            self.row(session, task_id).name = check_name(name)
        return self.get(task_id)

    def delete(self, task_id: str) -> None:
        """Delete a task with its snapshots, jobs and models; its labels and images stay.

        Raises:
            NotFoundError: This workspace has no such task.
        """
        with self._context.database.write() as session:
            session.delete(self.row(session, task_id))

    def row(self, session: Session, task_id: str) -> TaskRow:
        """Return the row of a task of this workspace, or raise NotFoundError."""
        row = session.get(TaskRow, task_id)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no task {task_id!r}. List the tasks to see which there are.")
        return row

    def _tasks_of(self, session: Session, rows: Sequence[TaskRow]) -> builtins.list[Task]:
        labels = _labels_of(session, [row.id for row in rows])
        return [
            Task(
                id=row.id,
                workspace_id=row.workspace_id,
                name=row.name,
                kind=row.kind,
                description=row.description,
                labels=tuple(labels.get(row.id, ())),
                production_version=row.production_version,
                last_version=row.last_version,
                configuration=dict(row.configuration),
                created_at=row.created_at,
            )
            for row in rows
        ]


def task_label_ids(session: Session, task_id: str) -> list[str]:
    """Return the label ids of a task in class order."""
    query = select(TaskLabelRow.label_id).where(TaskLabelRow.task_id == task_id)
    return list(session.scalars(query.order_by(TaskLabelRow.position)))


def append_labels(session: Session, task_id: str, label_ids: Iterable[str]) -> None:
    """Add labels behind the last class of a task; those that are there stay where they are."""
    present = set(session.scalars(select(TaskLabelRow.label_id).where(TaskLabelRow.task_id == task_id)))
    highest = session.scalar(select(func.max(TaskLabelRow.position)).where(TaskLabelRow.task_id == task_id))
    position = -1 if highest is None else highest
    for label_id in label_ids:
        if label_id not in present:
            position += 1
            present.add(label_id)
            session.add(TaskLabelRow(task_id=task_id, label_id=label_id, position=position))


def label_rows_by_name(session: Session, workspace_id: str, names: Sequence[str], kind: str) -> dict[str, LabelRow]:
    """Return the oldest label of each name and kind, making those that are missing (in the order of the names)."""
    found: dict[str, LabelRow] = {}
    for chunk in chunks(names):
        query = select(LabelRow).where(
            LabelRow.workspace_id == workspace_id, LabelRow.kind == kind, LabelRow.name.in_(chunk)
        )
        for row in session.scalars(query.order_by(LabelRow.created_at, LabelRow.id)):
            found.setdefault(row.name, row)
    for name in names:
        if name not in found:
            found[name] = LabelRow(workspace_id=workspace_id, name=name, kind=kind)
            session.add(found[name])
    session.flush()
    return found


def _labels_of(session: Session, task_ids: Sequence[str]) -> dict[str, list[Label]]:
    labels: dict[str, list[Label]] = {}
    for chunk in chunks(task_ids):
        query = (
            select(TaskLabelRow.task_id, LabelRow)
            .join(LabelRow, LabelRow.id == TaskLabelRow.label_id)
            .where(TaskLabelRow.task_id.in_(chunk))
            .order_by(TaskLabelRow.task_id, TaskLabelRow.position)
        )
        for task_id, row in session.execute(query).tuples():
            labels.setdefault(task_id, []).append(label_of(row))
    return labels
