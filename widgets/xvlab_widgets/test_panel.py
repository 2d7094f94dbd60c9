"""Try a model: drop an image or paste an address, see what the model says. The API answers; nothing is loaded here."""

from __future__ import annotations

from typing import Any

import traitlets

from xvlab.errors import InvalidInputError
from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._classify_client import Answer, ClassifyClient

SHOWN = 5
MAX_BYTES = 9_000_000


class TestPanel(XvWidget):
    """Ask the model of a task about one image.

    Args:
        workspace: Where the task lies.
        task: The task, or its name or id; the first one with a model in production when not given.
        api_url: Address of the API; ``None`` takes ``XVLAB_API_URL``, else this machine.
        api_token: Token for the API; ``None`` takes ``XVLAB_API_TOKEN``.
        layout: Traits of ``DOMWidget``.
    """

    __test__ = False  # pytest: a widget, not a test

    _esm = STATIC / "test_panel.js"
    _css = STATIC / "test_panel.css"

    #: ``[{"id", "name", "production_version", "versions"}]``: the tasks that have a model.
    tasks = traitlets.List().tag(sync=True)
    task_id = traitlets.Unicode("").tag(sync=True)
    #: Version asked for; 0 is the one in production.
    version = traitlets.Int(0).tag(sync=True)
    #: What the model said: ``{"labels": [{"name", "share"}], "version", "sequence"}``; empty before the first image.
    answer = traitlets.Dict().tag(sync=True)

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
        self.workspace = workspace
        self._client = ClassifyClient(api_url or "", api_token or "")
        self._chosen = ("", 0)
        with self.reporting():
            wanted = workspace.tasks.resolve(task) if isinstance(task, str) and task else task
            self.refresh(wanted.id if isinstance(wanted, Task) else "")

    @property
    def labels(self) -> tuple[tuple[str, float], ...]:
        """Names and probabilities of the last answer, the most probable first."""
        return tuple((row["name"], row["share"]) for row in self.answer.get("labels", []))

    def refresh(self, wanted_id: str = "") -> None:
        """Read from the store which tasks have a model."""
        rows = [self._describe(task) for task in self.workspace.tasks.list(limit=500).items if task.last_version]
        ids = [row["id"] for row in rows]
        ready = next((row["id"] for row in rows if row["production_version"]), ids[0] if ids else "")
        self.tasks = rows
        self._choose(wanted_id if wanted_id in ids else ready, 0)

    @action("choose")
    def _on_choose(self, message: Message) -> None:
        task_id = message.text("task_id")
        if task_id not in {row["id"] for row in self._rows()}:
            raise InvalidInputError("This task has no model. Train it first.", field="task_id")
        self._choose(task_id, message.integer("version", 0))

    @action("classify_bytes")
    def _on_classify_bytes(self, message: Message) -> None:
        data = bytes(message.buffers[0]) if message.buffers else b""
        if not 0 < len(data) <= MAX_BYTES:
            raise InvalidInputError(f"Expected an image of at most {MAX_BYTES:,} bytes, got {len(data):,}. Shrink it.")
        task_id, version = self._target()
        self._show(
            self._client.classify_bytes(data, task_id=task_id, workspace_id=self.workspace.id, version=version), message
        )

    @action("classify_url")
    def _on_classify_url(self, message: Message) -> None:
        url = message.text("url").strip()
        if not url.startswith(("http://", "https://")):
            raise InvalidInputError("Expected an address that begins with http:// or https://. Paste the whole of it.")
        task_id, version = self._target()
        self._show(
            self._client.classify_url(url, task_id=task_id, workspace_id=self.workspace.id, version=version), message
        )

    def _target(self) -> tuple[str, int | None]:
        task_id, version = self._chosen
        if not task_id:
            raise InvalidInputError("No task has a model yet. Train one on the train page, then come back.")
        return task_id, version or None

    def _show(self, answer: Answer, message: Message) -> None:
        self.answer = {
            "labels": [{"name": name, "share": share} for name, share in answer.labels[:SHOWN]],
            "version": answer.version,
            "sequence": message.integer("sequence", 0),
        }

    def _choose(self, task_id: str, version: int) -> None:
        self._chosen = (task_id, version)
        with self.hold_sync():
            self.task_id, self.version, self.answer = task_id, version, {}

    def _rows(self) -> list[dict[str, Any]]:
        return [self._describe(task) for task in self.workspace.tasks.list(limit=500).items if task.last_version]

    def _describe(self, task: Task) -> dict[str, Any]:
        versions = [model.version for model in self.workspace.models.list(task.id)]
        return {
            "id": task.id, "name": task.name, "versions": versions, "production_version": task.production_version or 0,
        }  # fmt: skip
