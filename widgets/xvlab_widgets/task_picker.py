"""Choose the task that a page works on, or make a new one with its labels."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from xvlab.errors import InvalidInputError
from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import XvBox

_MAX_TASKS = 500


class TaskPicker(XvBox):
    """A list of the workspace's tasks and a small form for a new one.

    Args:
        workspace: Whose tasks are offered.
        task: The task chosen at first, or its name or id; the first of the workspace when not given.
        layout: Traits of ``VBox``.
    """

    #: Id of the chosen task; empty while the workspace has none. Observe it to follow the choice.
    task_id = traitlets.Unicode("")

    def __init__(self, workspace: Workspace, task: Task | str | None = None, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._choice = ipywidgets.Dropdown(options=[], layout={"width": "300px"})
        self._choice.add_class("xv-task-choice")
        self._new = ipywidgets.Button(description="New task", tooltip="Make a task with labels")
        self._name = ipywidgets.Text(placeholder="Name, for example: shirts or shoes", layout={"width": "260px"})
        self._label_names = ipywidgets.Text(placeholder="Labels, with commas: shirt, shoe", layout={"width": "340px"})
        self._create = ipywidgets.Button(description="Create", button_style="primary")
        self._form = ipywidgets.HBox([self._name, self._label_names, self._create])
        self._form.layout.display = "none"
        label = ipywidgets.HTML("<span class='xv-muted'>Task</span>")
        self.show(ipywidgets.HBox([label, self._choice, self._new]), self._form)
        self._new.on_click(lambda _button: self._toggle_form())
        self._create.on_click(lambda _button: self._on_create())
        self._choice.observe(lambda change: self._on_choice(change["new"]), "value")
        with self.reporting():
            self.refresh()
            chosen = workspace.tasks.resolve(task) if isinstance(task, str) and task else task
            if isinstance(chosen, Task):
                self._choice.value = chosen.id

    @property
    def task(self) -> Task | None:
        """The chosen task as the store has it now."""
        return self.workspace.tasks.get(self.task_id) if self.task_id else None

    def refresh(self, chosen_id: str = "") -> None:
        """Read the tasks from the store again and keep, or make, a choice."""
        tasks = self.workspace.tasks.list(limit=_MAX_TASKS).items
        wanted = chosen_id or self.task_id
        ids = [task.id for task in tasks]
        self._choice.options = [(task.name, task.id) for task in tasks] or [("no task yet", "")]
        self._choice.value = wanted if wanted in ids else (ids[0] if ids else "")
        self._choice.disabled = not ids
        if not ids:
            self._form.layout.display = ""

    def create_task(self, name: str, label_names: str = "") -> Task:
        """Make a task and choose it.

        Args:
            name: Its name.
            label_names: Names of its labels, with commas or line breaks between them; repeated ones count once.

        Raises:
            InvalidInputError: The name is empty.
        """
        if not name.strip():
            raise InvalidInputError("Expected a name for the task, got nothing. Type one.", field="name")
        parts = label_names.replace("\n", ",").split(",")
        names = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
        task = self.workspace.tasks.create(name.strip(), label_names=names)
        self.refresh(task.id)
        return task

    def _toggle_form(self) -> None:
        self._form.layout.display = "" if self._form.layout.display == "none" else "none"

    def _on_create(self) -> None:
        self.error = ""
        with self.reporting():
            self.create_task(self._name.value, self._label_names.value)
            self._name.value = self._label_names.value = ""
            self._form.layout.display = "none"

    def _on_choice(self, task_id: str | None) -> None:
        self.task_id = task_id or ""
