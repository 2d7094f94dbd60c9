"""The first page: what there is, how far it is, and where to go next."""

from __future__ import annotations

from typing import Any

import traitlets

from xvlab.workspace import Workspace
from xvlab.workspace.images import ImageFilter
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import STATIC, Message, XvBox, XvWidget, action
from xvlab_widgets._words import ago
from xvlab_widgets.image_upload import ImageUpload
from xvlab_widgets.task_picker import TaskPicker

RECENT_JOBS = 8
MOST_TASKS = 100
_TITLES = {"train": "Training", "evaluate": "Evaluation"}


class TaskCards(XvWidget):
    """A card for each task and the newest runs.

    Args:
        workspace: What is shown.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "home_page.js"
    _css = STATIC / "home_page.css"

    #: ``{"name", "images", "test_images"}``.
    summary = traitlets.Dict().tag(sync=True)
    #: ``[{"id", "name", "labels", "labelled", "total", "production_version", "last_version", "accuracy"}]``.
    tasks = traitlets.List().tag(sync=True)
    #: ``[{"id", "title", "state", "when"}]``, newest first.
    jobs = traitlets.List().tag(sync=True)

    def __init__(self, workspace: Workspace, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        with self.reporting():
            self.refresh()

    @action("refresh")
    def _on_refresh(self, _message: Message) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Read everything from the store again."""
        images = self.workspace.images
        tasks = self.workspace.tasks.list(limit=MOST_TASKS).items
        names = {task.id: task.name for task in tasks}
        with self.hold_sync():
            self.summary = {
                "name": self.workspace.name,
                "images": images.count(),
                "test_images": images.count(ImageFilter(is_test=True)),
            }
            self.tasks = [self._describe(task) for task in tasks]
            self.jobs = [
                {
                    "id": job.id,
                    "title": f"{_TITLES.get(job.notebook, job.notebook)} of {names.get(job.task_id or '', 'a task')}",
                    "state": job.state,
                    "when": ago(job.created_at),
                }
                for job in self.workspace.jobs.list(limit=RECENT_JOBS).items
            ]

    def _describe(self, task: Task) -> dict[str, Any]:
        progress = self.workspace.annotations.progress(task.id)
        models = self.workspace.models.list(task.id)
        report: dict[str, Any] = self.workspace.models.metrics(models[0].id) if models else {}
        measured = report.get("test") or report.get("evaluation") or {}
        return {
            "id": task.id, "name": task.name, "labels": [label.name for label in task.labels],
            "labelled": progress.labelled, "total": progress.total,
            "production_version": task.production_version, "last_version": models[0].version if models else None,
            "accuracy": measured.get("accuracy"), "measured_on": "test" if report.get("test") else "held-out",
        }  # fmt: skip


class HomePage(XvBox):
    """Cards of all tasks, a way to bring images in, and a form for a new task.

    Args:
        workspace: What is shown.
        can_write: Whether the visitor may add tasks and images; who may not gets the cards alone, and nothing behind
            them that a browser could talk to.
        layout: Traits of ``VBox``.
    """

    def __init__(self, workspace: Workspace, *, can_write: bool = True, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self.cards = TaskCards(workspace)
        self.picker: TaskPicker | None = None
        self.upload: ImageUpload | None = None
        if can_write:
            self._offer_writing()
        else:
            self.show(self.cards)

    def _offer_writing(self) -> None:
        workspace = self.workspace
        self.picker = TaskPicker(workspace)
        self.upload = ImageUpload(workspace, self.picker.task_id or None, on_done=self.cards.refresh)
        self.picker.observe(lambda change: self._on_task(change["new"]), "task_id")
        self.show(self.cards, self.picker, self.upload)

    def _on_task(self, task_id: str) -> None:
        if self.upload is not None:
            self.upload.set_task(task_id or None)
        self.cards.refresh()
