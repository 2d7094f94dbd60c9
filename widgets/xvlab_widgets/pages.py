"""Whole pages made of the widgets: what the dashboards show, and one line in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from xvlab.jobs.record import JobRecord
from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import XvBox, close_children
from xvlab_widgets._metrics_html import cards_html, labels_html
from xvlab_widgets.class_labeller import ClassLabeller
from xvlab_widgets.confusion_matrix import SPLITS, ConfusionMatrix
from xvlab_widgets.failed_images import FailedImages
from xvlab_widgets.gallery import Gallery
from xvlab_widgets.image_upload import ImageUpload
from xvlab_widgets.model_versions import ModelVersions
from xvlab_widgets.run_monitor import RunMonitor
from xvlab_widgets.task_picker import TaskPicker
from xvlab_widgets.test_panel import TestPanel
from xvlab_widgets.train_launcher import TrainLauncher

_Make = Callable[[Task], ipywidgets.DOMWidget]
_SPLIT_NAMES = {"test": "Test images", "evaluation": "Held-out images"}


class TaskPage(XvBox):
    """A page about one task: the picker above, then one of several views of the task.

    Args:
        workspace: Where everything lies.
        task: The task chosen at first, or its name or id.
        layout: Traits of ``VBox``.
    """

    def __init__(self, workspace: Workspace, task: Task | str | None = None, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._body = ipywidgets.VBox()
        self._views = self.views()
        self._tabs = ipywidgets.ToggleButtons(options=list(self._views))
        self._tabs.add_class("xv-tabs")
        self._tabs.layout.display = "" if len(self._views) > 1 else "none"
        self.picker = TaskPicker(workspace, task)
        head = ipywidgets.HBox([self.picker, self._tabs])
        head.add_class("xv-page-head")
        self.show(head, self._body)
        self.picker.observe(lambda _change: self._build(), "task_id")
        self._tabs.observe(lambda _change: self._build(), "value")
        self._build()

    def views(self) -> dict[str, _Make]:
        """Return the views of this page: what stands on the tab, and what makes the widget of a task."""
        raise NotImplementedError

    @property
    def view(self) -> ipywidgets.DOMWidget | None:
        """The widget shown now; ``None`` while there is no task."""
        return self._body.children[0] if self._body.children else None

    def choose_view(self, name: str) -> None:
        """Show the view with this name on its tab."""
        self._tabs.value = name

    def _build(self) -> None:
        self.error = ""
        close_children(self._body)
        self._body.children = ()
        with self.reporting():
            task = self.picker.task
            if task:
                self._body.children = (self._views[self._tabs.value](task),)


class AnnotatePage(TaskPage):
    """Label the images of a task, look through them all, or add more."""

    def views(self) -> dict[str, _Make]:
        """Return the labeller, the gallery and the upload."""
        return {
            "Label": lambda task: ClassLabeller(self.workspace, task),
            "Browse": lambda task: Gallery(self.workspace, task),
            "Add images": lambda task: ImageUpload(self.workspace, task),
        }


class TrainPage(XvBox):
    """Start a training and watch it.

    Args:
        workspace: Where everything lies.
        task: The task chosen at first, or its name or id.
        job_id: The run to watch at first; the newest when not given.
        layout: Traits of ``VBox``.
    """

    def __init__(
        self, workspace: Workspace, task: Task | str | None = None, *, job_id: str | None = None, **layout: Any
    ) -> None:
        super().__init__(**layout)
        self.monitor = RunMonitor(workspace, job_id)
        self.picker = TaskPicker(workspace, task)
        self.launcher: TrainLauncher | None = None
        self._workspace = workspace
        self._form = ipywidgets.VBox()
        self.show(self.picker, self._form, self.monitor)
        self.picker.observe(lambda _change: self._build(), "task_id")
        self._build()

    def _build(self) -> None:
        if self.launcher:
            self.launcher.close()
        task_id = self.picker.task_id
        self.launcher = TrainLauncher(self._workspace, task_id, on_submit=self._watch) if task_id else None
        self._form.children = (self.launcher,) if self.launcher else ()

    def _watch(self, job: JobRecord) -> None:
        self.monitor.watch(job.id)


class EvaluatePage(XvBox):
    """Versions of a task, their numbers, the confusion matrix and the failed images.

    Args:
        workspace: Where everything lies.
        task: The task chosen at first, or its name or id.
        model_id: The version shown at first; its task is chosen then.
        layout: Traits of ``VBox``.
    """

    def __init__(
        self, workspace: Workspace, task: Task | str | None = None, *, model_id: str | None = None, **layout: Any
    ) -> None:
        super().__init__(**layout)
        self._workspace = workspace
        self._wanted_model_id = model_id
        with self.reporting():
            task = workspace.models.get(model_id).task_id if model_id else task
        self.picker = TaskPicker(workspace, task)
        self.versions: ModelVersions | None = None
        self.matrix: ConfusionMatrix | None = None
        self.failed: FailedImages | None = None
        self._split = ipywidgets.ToggleButtons(options=[(name, key) for key, name in _SPLIT_NAMES.items()])
        self._split.add_class("xv-tabs")
        self._numbers = ipywidgets.HTML()
        self._per_label = ipywidgets.HTML()
        self._above, self._below = ipywidgets.VBox(), ipywidgets.VBox()
        head = ipywidgets.HBox([self.picker, self._split])
        head.add_class("xv-page-head")
        self.show(head, self._above, self._below)
        self.picker.observe(lambda _change: self._on_task(), "task_id")
        self._split.observe(lambda _change: self._show_split(), "value")
        self._show_task()

    @property
    def split(self) -> str:
        """Which images the numbers are about: ``test`` or ``evaluation``."""
        return str(self._split.value)

    def choose_split(self, split: str) -> None:
        """Show the numbers of ``test`` or ``evaluation`` images."""
        self._split.value = split

    def _on_task(self) -> None:
        self.error = ""
        self._show_task()

    def _show_task(self) -> None:
        close_children(self._above)
        close_children(self._below)
        self._above.children, self._below.children = (), ()
        with self.reporting():
            task = self.picker.task
            if task is None:
                return
            self.versions = ModelVersions(self._workspace, task, self._wanted_model_id)
            self._wanted_model_id = None
            self.versions.observe(lambda _change: self._show_model(), "chosen_id")
            self._above.children = (self.versions,)
            self._show_model()

    def _show_model(self) -> None:
        model_id = self.versions.chosen_id if self.versions else ""
        close_children(self._below)
        self._below.children = ()
        self.matrix = self.failed = None
        if not model_id:
            return
        with self.reporting():
            metrics = self._workspace.models.metrics(model_id)
            if not metrics.get(self.split):
                self._split.value = next((name for name in SPLITS if metrics.get(name)), self.split)
            self._numbers, self._per_label = ipywidgets.HTML(), ipywidgets.HTML()
            self._per_label.add_class("xv-card")
            self.matrix = ConfusionMatrix(self._workspace, model_id, split=self.split)
            self.failed = FailedImages(self._workspace, model_id, split=self.split)
            self._show_split()
            self._below.children = (self._numbers, self.matrix, self.failed, self._per_label)

    def _show_split(self) -> None:
        if not self.matrix or not self.failed:
            return
        with self.reporting():
            report = self._workspace.models.metrics(self.matrix.model.id).get(self.split)
            self._numbers.value = cards_html(report) if report else ""
            self._per_label.value = labels_html(report) if report else ""
            self._per_label.layout.display = "" if report else "none"
            self.matrix.choose_split(self.split)
            self.failed.choose_split(self.split)


class TestPage(XvBox):
    """Try the models on images of one's own.

    Args:
        workspace: Where everything lies.
        task: The task chosen at first, or its name or id.
        api_url: Address of the API; ``None`` takes ``XVLAB_API_URL``.
        api_token: Token for the API; ``None`` takes ``XVLAB_API_TOKEN``.
        layout: Traits of ``VBox``.
    """

    __test__ = False  # pytest: a page, not a test

    def __init__(
        self,
        workspace: Workspace,
        task: Task | str | None = None,
        *,
        api_url: str | None = None,
        api_token: str | None = None,
        **layout: Any,
    ) -> None:
        super().__init__(**layout)
        self.panel = TestPanel(workspace, task, api_url=api_url, api_token=api_token)
        self.show(self.panel)
