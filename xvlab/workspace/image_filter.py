"""Which images: the one filter of galleries, queues and counts, and its SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from xvlab._database.tables import ImageLabelRow, ImageRow, TaskExclusionRow, TaskLabelRow

from .pages import contains_pattern


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Conditions that all must hold; a default one lets every image pass.

    Attributes:
        label_ids: The image has at least one of these labels.
        without_label_of_task: The image has no label of this task.
        task_id: The image has a label of this task.
        is_test: Only test images (``True``) or only others (``False``).
        is_real: Only real images (``True``) or only made ones (``False``).
        excluded_from: The image is excluded from this task.
        search: Part of the image's name, upper and lower case alike.
    """

    label_ids: tuple[str, ...] = ()
    without_label_of_task: str | None = None
    task_id: str | None = None
    is_test: bool | None = None
    is_real: bool | None = None
    excluded_from: str | None = None
    search: str = ""


def has_label_of_task(task_id: str) -> ColumnElement[bool]:
    """Make the condition that an image has a label of a task."""
    return exists(
        select(1)
        .select_from(ImageLabelRow)
        .join(TaskLabelRow, TaskLabelRow.label_id == ImageLabelRow.label_id)
        .where(TaskLabelRow.task_id == task_id, ImageLabelRow.image_id == ImageRow.id)
    )


def is_excluded_from(task_id: str) -> ColumnElement[bool]:
    """Make the condition that an image is excluded from a task."""
    return exists(select(1).where(TaskExclusionRow.task_id == task_id, TaskExclusionRow.image_id == ImageRow.id))


def conditions(workspace_id: str, wanted: ImageFilter) -> list[ColumnElement[bool]]:
    """Write a filter as SQL conditions on the images of one workspace."""
    found: list[ColumnElement[bool]] = [ImageRow.workspace_id == workspace_id]
    if wanted.label_ids:
        label = ImageLabelRow.label_id.in_(wanted.label_ids)
        found.append(exists(select(1).where(ImageLabelRow.image_id == ImageRow.id, label)))
    if wanted.without_label_of_task is not None:
        found.append(~has_label_of_task(wanted.without_label_of_task))
    if wanted.task_id is not None:
        found.append(has_label_of_task(wanted.task_id))
    if wanted.is_test is not None:
        found.append(ImageRow.is_test.is_(wanted.is_test))
    if wanted.is_real is not None:
        found.append(ImageRow.is_real.is_(wanted.is_real))
    if wanted.excluded_from is not None:
        found.append(is_excluded_from(wanted.excluded_from))
    if wanted.search:
        found.append(ImageRow.name.ilike(contains_pattern(wanted.search), escape="!"))
    return found
