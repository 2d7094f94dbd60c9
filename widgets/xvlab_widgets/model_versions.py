"""The trained versions of a task: choose one to look at, put one into production, take that back."""

from __future__ import annotations

from typing import Any

import traitlets

from xvlab.registry import ModelRecord
from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._words import ago


class ModelVersions(XvWidget):
    """A table of versions, newest first.

    Args:
        workspace: Where the models lie.
        task: The task, or its name or id.
        model_id: The version chosen at first; the newest when not given.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "model_versions.js"
    _css = STATIC / "model_versions.css"

    #: Id of the chosen model; empty while there is none. Observe it to follow the choice.
    chosen_id = traitlets.Unicode("")
    #: ``[{"id", "version", "when", "preset", "accuracy", "test_accuracy", "is_production", "is_chosen"}]``.
    versions = traitlets.List().tag(sync=True)
    can_roll_back = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, workspace: Workspace, task: Task | str, model_id: str | None = None, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._task_id = (task if isinstance(task, Task) else workspace.tasks.resolve(task)).id
        with self.reporting():
            self.refresh(model_id or "")

    def refresh(self, wanted_id: str = "") -> None:
        """Read the versions from the store again and keep, or make, a choice."""
        models = self.workspace.models.list(self._task_id)
        ids = [model.id for model in models]
        wanted = wanted_id or self.chosen_id
        self.chosen_id = wanted if wanted in ids else (ids[0] if ids else "")
        with self.hold_sync():
            self.versions = [self._describe(model) for model in models]
            self.can_roll_back = any(model.is_production for model in models)

    @action("choose")
    def _on_choose(self, message: Message) -> None:
        self.refresh(self.workspace.models.get(message.text("model_id")).id)

    @action("promote")
    def _on_promote(self, message: Message) -> None:
        self.workspace.models.promote(self._task_id, message.integer("version"))
        self.refresh()

    @action("roll_back")
    def _on_roll_back(self, _message: Message) -> None:
        self.workspace.models.rollback(self._task_id)
        self.refresh()

    @action("delete")
    def _on_delete(self, message: Message) -> None:
        self.workspace.models.delete(self.workspace.models.get(message.text("model_id")).id)
        self.refresh()

    def _describe(self, model: ModelRecord) -> dict[str, Any]:
        metrics = self.workspace.models.metrics(model.id)
        accuracy = {split: (metrics.get(split) or {}).get("accuracy") for split in ("evaluation", "test")}
        return {
            "id": model.id, "version": model.version, "when": ago(model.created_at),
            "accuracy": accuracy["evaluation"], "test_accuracy": accuracy["test"],
            "preset": str(model.parameters.get("preset", "")), "is_production": model.is_production,
            "is_chosen": model.id == self.chosen_id,
        }  # fmt: skip
