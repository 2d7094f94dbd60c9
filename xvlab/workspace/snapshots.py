"""Snapshots of a workspace's tasks: exactly what a training run sees, kept for good."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from xvlab._database.tables import ImageLabelRow, ImageRow, SnapshotRow, TaskLabelRow
from xvlab.data.snapshot import Snapshot, SnapshotItem, SnapshotLabel, make_snapshot, read_snapshot
from xvlab.data.splits import MIN_IMAGES_PER_LABEL, Candidate, assign_splits, labels_too_small
from xvlab.errors import ConflictError, NotFoundError

from .context import WorkspaceContext
from .image_filter import is_excluded_from
from .tasks import Task, Tasks

MIN_LABELS = 2


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A snapshot in a list. ``counts`` are the images of each split, and those left out as twins of test images."""

    id: str
    task_id: str
    sha256: str
    counts: dict[str, int]
    created_at: datetime


class _Labelled(NamedTuple):
    image_id: str
    sha256: str
    is_test: bool
    perceptual_hash: str
    signature: bytes
    label_id: str


class Snapshots:
    """The snapshots of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def create(self, task_id: str, *, seed: int = 0, evaluation_share: float = 0.2) -> SnapshotInfo:
        """Take a snapshot of a task's labelled images that are not excluded; equal content gives the same snapshot.

        Args:
            task_id: The task.
            seed: Of the draw of the held-out images.
            evaluation_share: Share of each label's images held out, in (0, 1).

        Raises:
            NotFoundError: This workspace has no such task.
            ConflictError: There are too few labels, too few images of a label, or images with two labels of the task.
            InvalidInputError: The share is not inside (0, 1).
        """
        task = Tasks(self._context).get(task_id)
        with self._context.database.read() as session:
            labelled = self._labelled(session, task_id)
        _check(task, labelled)
        snapshot, left_out = _build(task, labelled, seed=seed, evaluation_share=evaluation_share)
        sha256 = self._context.blobs.put(snapshot.to_bytes())
        return self._keep(task_id, sha256, snapshot.counts() | {"left_out": left_out})

    def get(self, snapshot_id: str) -> SnapshotInfo:
        """Return a snapshot's description.

        Raises:
            NotFoundError: This workspace has no such snapshot.
        """
        with self._context.database.read() as session:
            row = session.get(SnapshotRow, snapshot_id)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no snapshot {snapshot_id!r}. Take one of a task.")
        return _info(row)

    def content(self, snapshot_id: str) -> Snapshot:
        """Return what a snapshot holds."""
        return read_snapshot(self._context.blobs.get(self.get(snapshot_id).sha256))

    def _labelled(self, session: Session, task_id: str) -> list[_Labelled]:
        """Return one row for each label of the task on each image that is not excluded."""
        query = (
            select(
                ImageRow.id, ImageRow.sha256, ImageRow.is_test, ImageRow.perceptual_hash, ImageRow.signature,
                ImageLabelRow.label_id,
            )
            .join(ImageLabelRow, ImageLabelRow.image_id == ImageRow.id)
            .join(TaskLabelRow, TaskLabelRow.label_id == ImageLabelRow.label_id)
            .where(
                TaskLabelRow.task_id == task_id,
                ImageRow.workspace_id == self._context.workspace_id,
                ~is_excluded_from(task_id),
            )
            .order_by(ImageRow.id)
        )  # fmt: skip
        return [_Labelled(*row) for row in session.execute(query).tuples()]

    def _keep(self, task_id: str, sha256: str, counts: dict[str, int]) -> SnapshotInfo:
        """Return the task's row of this content, inserting it when it is the first."""
        same = select(SnapshotRow).where(SnapshotRow.task_id == task_id, SnapshotRow.sha256 == sha256)
        with self._context.database.read() as session:
            row = session.scalars(same).first()
        if row is None:
            row = SnapshotRow(workspace_id=self._context.workspace_id, task_id=task_id, sha256=sha256, counts=counts)
            try:
                with self._context.database.write() as session:
                    session.add(row)
            except IntegrityError:  # somebody took the same one at the same moment
                with self._context.database.read() as session:
                    row = session.scalars(same).one()
        return _info(row)


def _info(row: SnapshotRow) -> SnapshotInfo:
    return SnapshotInfo(row.id, row.task_id, row.sha256, dict(row.counts), row.created_at)


def _check(task: Task, labelled: list[_Labelled]) -> None:
    """Refuse what cannot be learned from, and say what to do about it."""
    if len(task.labels) < MIN_LABELS:
        message = f"Expected at least {MIN_LABELS} labels in task {task.name!r}, got {len(task.labels)}. Add labels."
        raise ConflictError(message)
    counted = Counter(row.image_id for row in labelled)
    twice = len(labelled) - len(counted)
    if twice:
        example = counted.most_common(1)[0][0]
        message = f"{twice} images have several labels of task {task.name!r}, for example {example}. Leave one on each."
        raise ConflictError(message)


def _build(task: Task, labelled: list[_Labelled], *, seed: int, evaluation_share: float) -> tuple[Snapshot, int]:
    """Return the snapshot, and how many images were left out as twins of test images."""
    from xvlab.data.duplicates import near_identical_groups  # brings OpenCV, which a dashboard's kernel can do without

    class_index = {label.id: index for index, label in enumerate(task.labels)}
    groups = near_identical_groups([row.signature for row in labelled], [row.perceptual_hash for row in labelled])
    candidates = [
        Candidate(row.sha256, class_index[row.label_id], group, row.is_test)
        for row, group in zip(labelled, groups.tolist(), strict=True)
    ]
    _check_sizes(task, candidates)
    splits = assign_splits(candidates, seed=seed, evaluation_share=evaluation_share)
    items = [
        SnapshotItem(row.image_id, row.sha256, split, (row.label_id,))
        for row, split in zip(labelled, splits, strict=True)
        if split is not None
    ]
    snapshot = make_snapshot(
        task_id=task.id,
        kind=task.kind,
        seed=seed,
        evaluation_share=evaluation_share,
        labels=[SnapshotLabel(label.id, label.name) for label in task.labels],
        items=items,
    )
    return snapshot, len(labelled) - len(items)


def _check_sizes(task: Task, candidates: list[Candidate]) -> None:
    small = labels_too_small(candidates, len(task.labels))
    if small:
        listed = ", ".join(f"{task.labels[index].name!r} has {count}" for index, count in small[:10])
        message = (
            f"Each label needs at least {MIN_IMAGES_PER_LABEL} images that are not test images; {listed}. "
            "Label more images, or take the label out of the task."
        )
        raise ConflictError(message)
