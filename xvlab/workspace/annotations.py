"""What people say about images: their labels, what a task must not use, and what is left to label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from xvlab._database.tables import ImageLabelRow, ImageRow, LabelRow, TaskExclusionRow, TaskRow
from xvlab.errors import ConflictError, InvalidInputError, NotFoundError

from .context import WorkspaceContext
from .image_filter import has_label_of_task, is_excluded_from
from .images import Image, images_of
from .pages import check_limit
from .tasks import task_label_ids


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One change of a task's labels on an image, enough to undo it. Labels in class order."""

    image_id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    task_id: str


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How far the labelling of a task is: images that are not excluded, those with a label, and those of each label."""

    labelled: int
    total: int
    per_label: dict[str, int]


class Annotations:
    """The annotations of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def set_category(self, task_id: str, image_id: str, label_id: str) -> LabelChange:
        """Make a label the only one of the task on this image.

        Raises:
            NotFoundError: This workspace has no such task, image or label.
            InvalidInputError: The label is not one of the task.
        """
        return self._change(task_id, image_id, (label_id,), expected=None)

    def clear(self, task_id: str, image_id: str) -> LabelChange:
        """Take the task's labels off this image."""
        return self._change(task_id, image_id, (), expected=None)

    def undo(self, change: LabelChange) -> LabelChange:
        """Bring back what a change replaced.

        Raises:
            ConflictError: Somebody changed the image's labels since.
        """
        return self._change(change.task_id, change.image_id, change.before, expected=change.after)

    def add_label(self, image_id: str, label_id: str, value: float | None = None) -> None:
        """Put a label on an image beside others; on one that it has, only the value is replaced."""
        with self._context.database.write() as session:
            self._check_image(session, image_id)
            self._check_label(session, label_id)
            row = session.get(ImageLabelRow, (image_id, label_id))
            if row is None:
                row = self._label_row(image_id, label_id)
                session.add(row)
            row.value = value

    def remove_label(self, image_id: str, label_id: str) -> None:
        """Take a label off an image; nothing happens when it is not on it."""
        with self._context.database.write() as session:
            self._check_image(session, image_id)
            _delete_labels(session, image_id, [label_id])

    def exclude(self, task_id: str, image_id: str) -> None:
        """Keep an image out of a task's snapshots and its labelling queue."""
        with self._context.database.write() as session:
            self._check_task(session, task_id)
            self._check_image(session, image_id)
            if session.get(TaskExclusionRow, (task_id, image_id)) is None:
                session.add(TaskExclusionRow(task_id=task_id, image_id=image_id, author_id=self._context.user_id))

    def include(self, task_id: str, image_id: str) -> None:
        """Take an exclusion back."""
        with self._context.database.write() as session:
            self._check_task(session, task_id)
            session.execute(
                delete(TaskExclusionRow).where(
                    TaskExclusionRow.task_id == task_id, TaskExclusionRow.image_id == image_id
                )
            )

    def is_excluded(self, task_id: str, image_id: str) -> bool:
        """Whether a task must not use an image."""
        with self._context.database.read() as session:
            self._check_task(session, task_id)
            self._check_image(session, image_id)
            return session.get(TaskExclusionRow, (task_id, image_id)) is not None

    def next_unlabelled(self, task_id: str, after: str | None = None, limit: int = 2) -> list[Image]:
        """Return images without a label of the task and not excluded from it, oldest first.

        Args:
            task_id: The task to label for.
            after: Id of an image; only those behind it come, so that skipped ones do not return at once.
            limit: Number of images, 1 to 1,000.
        """
        query = select(ImageRow).where(
            ImageRow.workspace_id == self._context.workspace_id,
            ~has_label_of_task(task_id),
            ~is_excluded_from(task_id),
        )
        with self._context.database.read() as session:
            self._check_task(session, task_id)
            if after is not None:
                start = self._check_image(session, after)
                query = query.where(tuple_(ImageRow.created_at, ImageRow.id) > tuple_(start.created_at, start.id))
            ordered = query.order_by(ImageRow.created_at, ImageRow.id).limit(check_limit(limit))
            return images_of(session, session.scalars(ordered).all())

    def progress(self, task_id: str) -> LabelProgress:
        """Count what is labelled for a task."""
        of_workspace = [ImageRow.workspace_id == self._context.workspace_id, ~is_excluded_from(task_id)]
        with self._context.database.read() as session:
            self._check_task(session, task_id)
            total = session.scalar(select(func.count()).select_from(ImageRow).where(*of_workspace)) or 0
            labelled = session.scalar(
                select(func.count()).select_from(ImageRow).where(*of_workspace, has_label_of_task(task_id))
            )
            counted = (
                select(ImageLabelRow.label_id, func.count())
                .join(ImageRow, ImageRow.id == ImageLabelRow.image_id)
                .where(*of_workspace, ImageLabelRow.label_id.in_(task_label_ids(session, task_id)))
                .group_by(ImageLabelRow.label_id)
            )
            per_label = dict.fromkeys(task_label_ids(session, task_id), 0)
            per_label.update(session.execute(counted).tuples().all())
        return LabelProgress(labelled or 0, total, per_label)

    def _change(
        self, task_id: str, image_id: str, wanted: tuple[str, ...], *, expected: tuple[str, ...] | None
    ) -> LabelChange:
        """Replace the task's labels of an image in one transaction."""
        with self._context.database.write() as session:
            self._check_task(session, task_id)
            self._check_image(session, image_id, lock=True)
            of_task = task_label_ids(session, task_id)
            for label_id in wanted:
                if label_id not in of_task:
                    self._check_label(session, label_id)
                    message = f"Label {label_id} is not in this task. Add it to the task first."
                    raise InvalidInputError(message, field="label_id")
            present = set(session.scalars(select(ImageLabelRow.label_id).where(ImageLabelRow.image_id == image_id)))
            before = tuple(label_id for label_id in of_task if label_id in present)
            if expected is not None and before != expected:
                raise ConflictError("Somebody changed this image's labels since. Look at it again and label it anew.")
            _delete_labels(session, image_id, [label_id for label_id in before if label_id not in wanted])
            session.add_all(self._label_row(image_id, label_id) for label_id in wanted if label_id not in before)
        return LabelChange(image_id, before, wanted, task_id)

    def _label_row(self, image_id: str, label_id: str) -> ImageLabelRow:
        return ImageLabelRow(image_id=image_id, label_id=label_id, source="human", author_id=self._context.user_id)

    def _check_task(self, session: Session, task_id: str) -> None:
        row = session.get(TaskRow, task_id)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no task {task_id!r}. List the tasks to see which there are.")

    def _check_image(self, session: Session, image_id: str, *, lock: bool = False) -> ImageRow:
        row = session.get(ImageRow, image_id, with_for_update=True if lock else None)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no image {image_id!r}. List the images to see which there are.")
        return row

    def _check_label(self, session: Session, label_id: str) -> None:
        row = session.get(LabelRow, label_id)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no label {label_id!r}. List the labels to see which there are.")


def _delete_labels(session: Session, image_id: str, label_ids: Sequence[str]) -> None:
    if label_ids:
        of_image = ImageLabelRow.image_id == image_id
        session.execute(delete(ImageLabelRow).where(of_image, ImageLabelRow.label_id.in_(label_ids)))
