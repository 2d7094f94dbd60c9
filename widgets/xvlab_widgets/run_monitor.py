"""Watch a job live: its state, numbers, curves and log; cancel it, start it again, read its report."""

from __future__ import annotations

import math
from typing import Any

import traitlets

from xvlab.jobs.record import JobRecord
from xvlab.workspace import Workspace
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._ticker import Ticker
from xvlab_widgets._words import ago, duration

LOG_LINES = 300
_OPEN_STATES = ("queued", "running")
_NUMBERS = ("epoch", "epochs", "step", "steps_per_epoch", "loss", "metric", "seconds_left", "images_per_second")
_TITLES = {"train": "Training", "evaluate": "Evaluation"}
_IDLE_TICKS = 5


class RunMonitor(XvWidget):
    """Follow one job while it runs, with a list of the others.

    A daemon thread reads the job's row once a second; it ends with :meth:`close` and with the kernel.

    Args:
        workspace: Whose jobs are shown.
        job_id: The job to follow; the newest one when not given.
        task_id: Show only the jobs of this task.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "run_monitor.js"
    _css = STATIC / "run_monitor.css"

    #: The job followed, ready to be drawn; empty when there is none.
    job = traitlets.Dict().tag(sync=True)
    #: One row per epoch: ``{"epoch", "train_loss", "loss", "accuracy"}``.
    history = traitlets.List().tag(sync=True)
    #: The newest jobs, newest first.
    jobs = traitlets.List().tag(sync=True)
    #: The last lines of the log while it is open.
    log_text = traitlets.Unicode("").tag(sync=True)
    #: The report as HTML while it is open; the browser shows it in a frame without rights.
    report = traitlets.Unicode("").tag(sync=True)
    #: The executed notebook after somebody asked to save it.
    notebook = traitlets.Bytes(b"").tag(sync=True)

    _ticker: Ticker | None = None

    def __init__(
        self, workspace: Workspace, job_id: str | None = None, *, task_id: str | None = None, **layout: Any
    ) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._task_id = task_id
        self._job_id = job_id
        self._log_is_open = False
        self._idle = 0
        with self.reporting():
            self.refresh()
        self._ticker = Ticker(self._tick)
        self._ticker.start()

    @property
    def job_id(self) -> str | None:
        """Id of the job followed; ``None`` while there is none."""
        return self._job_id

    def watch(self, job_id: str) -> None:
        """Follow this job from now on."""
        self._job_id, self.log_text, self.report, self.notebook = job_id, "", "", b""
        self.refresh()

    def refresh(self) -> None:
        """Read the job and the list of jobs from the store."""
        rows = self.workspace.jobs.list(task_id=self._task_id, limit=20).items
        self._job_id = self._job_id or (rows[0].id if rows else None)
        with self.hold_sync():
            self.jobs = [self._describe_row(row) for row in rows]
            self._show_job()

    def close(self) -> None:
        """Stop watching and take the widget away."""
        if self._ticker:
            self._ticker.stop()
        super().close()

    # ---- what the browser sends ----

    @action("watch")
    def _on_watch(self, message: Message) -> None:
        self.watch(message.text("job_id"))

    @action("cancel")
    def _on_cancel(self, message: Message) -> None:
        self.workspace.jobs.cancel(message.text("job_id"))
        self.refresh()

    @action("retry")
    def _on_retry(self, message: Message) -> None:
        self.watch(self.workspace.jobs.retry(message.text("job_id")).id)

    @action("show_log")
    def _on_show_log(self, message: Message) -> None:
        self._log_is_open = message.flag("flag")
        self._show_job()

    @action("show_report")
    def _on_show_report(self, message: Message) -> None:
        self.report = self.workspace.jobs.report_html(message.text("job_id"))

    @action("close_report")
    def _on_close_report(self, _message: Message) -> None:
        self.report = ""

    @action("save_notebook")
    def _on_save_notebook(self, message: Message) -> None:
        self.notebook = b""
        self.notebook = self.workspace.jobs.notebook(message.text("job_id"))

    # ---- inside ----

    def _tick(self) -> None:
        """Read what can have changed: an open job each second, the list of jobs every few."""
        self._idle = (self._idle + 1) % _IDLE_TICKS
        with self.reporting():
            if self._idle == 0:
                self.refresh()
            elif self.job.get("state") in _OPEN_STATES:
                with self.hold_sync():
                    self._show_job()

    def _show_job(self) -> None:
        if self._job_id is None:
            self.job, self.history = {}, []
            return
        record = self.workspace.jobs.get(self._job_id)
        self.history = [_history_row(row) for row in record.progress.get("history") or []]
        self.job = self._describe(record)
        if self._log_is_open:
            self.log_text = "\n".join(self.workspace.jobs.log(record.id).splitlines()[-LOG_LINES:])

    def _describe_row(self, record: JobRecord) -> dict[str, Any]:
        accuracy = record.result.get("accuracy")
        return {
            "id": record.id,
            "title": self._title(record),
            "state": record.state,
            "when": ago(record.created_at),
            "took": _took(record),
            "version": record.result.get("version"),
            "accuracy": _finite(accuracy),
        }

    def _describe(self, record: JobRecord) -> dict[str, Any]:
        progress = record.progress
        numbers = {name: _finite(progress.get(name)) for name in _NUMBERS}
        return {
            **self._describe_row(record),
            **numbers,
            "stage": str(progress.get("stage") or ""),
            "message": str(progress.get("message") or ""),
            "share": 1.0 if record.state == "succeeded" else _share(numbers),
            "error": record.error,
            "attempts": record.attempts,
            "cancel_requested": record.cancel_requested,
            "model_id": record.result.get("model_id"),
            "task_id": record.task_id,
        }

    def _title(self, record: JobRecord) -> str:
        kind = _TITLES.get(record.notebook, record.notebook)
        names = self._task_names()
        return f"{kind} of {names[record.task_id]}" if record.task_id in names else kind

    def _task_names(self) -> dict[str | None, str]:
        return {task.id: task.name for task in self.workspace.tasks.list(limit=500).items}


def _share(numbers: dict[str, float | None]) -> float:
    """Share of the run that is done, in [0, 1]."""
    epochs, steps = numbers["epochs"] or 0, numbers["steps_per_epoch"] or 0
    if not epochs:
        return 0.0
    within = min(1.0, (numbers["step"] or 0) / steps) if steps else 0.0
    return max(0.0, min(1.0, ((numbers["epoch"] or 1) - 1 + within) / epochs))


def _took(record: JobRecord) -> str:
    if record.started_at is None or record.finished_at is None:
        return ""
    return duration((record.finished_at - record.started_at).total_seconds())


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None


def _history_row(row: dict[str, Any]) -> dict[str, float | None]:
    return {name: _finite(row.get(name)) for name in ("epoch", "train_loss", "loss", "accuracy")}
