"""Whole pages made of the widgets: what the dashboards show, and one line in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import XvBox
from xvlab_widgets.class_labeller import ClassLabeller
from xvlab_widgets.gallery import Gallery
from xvlab_widgets.task_picker import TaskPicker

_Make = Callable[[Task], ipywidgets.DOMWidget]


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
        self._tabs = ipywidgets.ToggleButtons(options=list(self._views), tooltips=list(self._views))
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
        for child in self._body.children:
            child.close()
        self._body.children = ()
        with self.reporting():
            task = self.picker.task
            if task:
                self._body.children = (self._views[self._tabs.value](task),)


class AnnotatePage(TaskPage):
    """Label the images of a task, or look through them all."""

    def views(self) -> dict[str, _Make]:
        """Return the labeller and the gallery."""
        return {
            "Label": lambda task: ClassLabeller(self.workspace, task),
            "Browse": lambda task: Gallery(self.workspace, task),
        }
