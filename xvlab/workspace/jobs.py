"""Jobs of a workspace: submit, watch, cancel, retry, read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xvlab._resources import job_notebook
from xvlab.data.snapshot import Snapshot
from xvlab.errors import ConflictError, InvalidInputError, JobTimeoutError, NotFoundError
from xvlab.jobs.folder import JobFolder, job_folder
from xvlab.jobs.notebook_files import write_whole
from xvlab.jobs.parameters import check_parameters, read_parameters
from xvlab.jobs.queue import JobQueue, NewJob
from xvlab.jobs.record import JobRecord
from xvlab.jobs.worker import Worker
from xvlab.registry import ModelRecord, Registry
from xvlab.tasks.config import TrainConfig

from .context import WorkspaceContext
from .pages import Page, check_limit, make_page, read_cursor
from .snapshots import Snapshots
from .tasks import Tasks

_POLL_SECONDS = 0.2
_FEWEST_LABELS = 2


class Jobs:
    """Training and evaluation runs of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context
        self._queue = JobQueue(context.database)

    def submit_training(
        self,
        task_id: str,
        config: TrainConfig | None = None,
        *,
        evaluation_share: float = 0.2,
        priority: int = 0,
        timeout_seconds: float | None = None,
        promote: bool = False,
    ) -> JobRecord:
        """Take a snapshot of the task and queue a training on it.

        Args:
            task_id: The task to train.
            config: Options; ``None`` takes the task's own.
            evaluation_share: Share of the non-test images that is held out, in (0, 1).
            priority: Higher runs first.
            timeout_seconds: Longest time of one attempt; ``None`` takes the setting.
            promote: Put the new version into production as soon as it is registered.

        Raises:
            InvalidInputError: There are too few labelled images, or an option is wrong.
            NotFoundError: This workspace has no such task.
        """
        task = Tasks(self._context).get(task_id)
        chosen = config or task.train_config
        snapshots = Snapshots(self._context)
        snapshot = snapshots.create(task_id, seed=chosen.seed, evaluation_share=evaluation_share)
        _check_trainable(snapshots.content(snapshot.id))
        inputs = {"snapshot_id": snapshot.id, "promote": promote, "user_id": self._context.user_id}
        return self._submit(
            "train",
            task_id,
            parameters=chosen.model_dump(mode="json"),
            inputs=inputs,
            priority=priority,
            timeout_seconds=timeout_seconds,
        )

    def submit_evaluation(
        self, model_id: str, *, device: str = "auto", priority: int = 0, timeout_seconds: float | None = None
    ) -> JobRecord:
        """Queue an evaluation of a model on the task's present images."""
        model = Registry(self._context.database, self._context.workspace_id).get(model_id)
        snapshots = Snapshots(self._context)
        trained_on = snapshots.content(model.snapshot_id)
        snapshot = snapshots.create(model.task_id, seed=trained_on.seed, evaluation_share=trained_on.evaluation_share)
        return self._submit(
            "evaluate",
            model.task_id,
            parameters={"device": device},
            inputs={"snapshot_id": snapshot.id, "model_id": model_id},
            priority=priority,
            timeout_seconds=timeout_seconds,
        )

    def submit_reproduction(self, model: ModelRecord) -> JobRecord:
        """Queue a model's training once more: same snapshot, resolved options and notebook; makes no version."""
        inputs: dict[str, Any] = {"snapshot_id": model.snapshot_id, "reproduces": model.id}
        if "notebook.ipynb" in model.artifacts:
            inputs["notebook_sha256"] = model.artifacts["notebook.ipynb"]
        return self._submit("train", model.task_id, parameters=model.parameters, inputs=inputs)

    def get(self, job_id: str) -> JobRecord:
        """Return a job as it is now.

        Raises:
            NotFoundError: This workspace has no such job.
        """
        return self._queue.get(job_id, workspace_id=self._context.workspace_id)

    def list(self, task_id: str | None = None, after: str | None = None, limit: int = 50) -> Page[JobRecord]:
        """Return jobs, newest first; ``after`` is the ``next`` of an earlier page."""
        cursor = read_cursor(after) if after else None
        records, count = self._queue.page(
            self._context.workspace_id, task_id=task_id, after=cursor, limit=check_limit(limit) + 1
        )
        return make_page(records, limit=limit, count=count)

    def cancel(self, job_id: str) -> JobRecord:
        """Cancel a queued job at once, or ask a running one to stop within seconds; a finished one stays as it is."""
        return self._queue.cancel(job_id, workspace_id=self._context.workspace_id)

    def retry(self, job_id: str) -> JobRecord:
        """Queue a failed or cancelled job again; it goes on from its last checkpoint."""
        return self._queue.retry(job_id, workspace_id=self._context.workspace_id)

    def log(self, job_id: str) -> str:
        """Return what the notebook and its runner wrote, of all attempts; empty before the first."""
        file = self._folder(job_id).log
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""

    def notebook(self, job_id: str) -> bytes:
        """Return the executed notebook, also while it runs.

        Raises:
            NotFoundError: The job has not begun.
        """
        file = self._folder(job_id).notebook
        if not file.is_file():
            raise NotFoundError(f"Job {job_id} has no executed notebook yet. Ask again when it has begun.")
        return file.read_bytes()

    def report_html(self, job_id: str) -> str:
        """Return the executed notebook as one HTML page that needs no other host; kept once the job is finished."""
        from xvlab.reports import report_html

        job, folder = self.get(job_id), self._folder(job_id)
        notebook = self.notebook(job_id)
        if folder.report.is_file() and folder.report.stat().st_mtime >= folder.notebook.stat().st_mtime:
            return folder.report.read_text(encoding="utf-8")
        page = report_html(notebook, title=f"{job.notebook} {job.id[:8]}")
        if job.is_finished:
            write_whole(folder.report, page.encode())
        return page

    def wait(self, job_id: str, timeout_seconds: float | None = None, *, work: bool = False) -> JobRecord:
        """Wait until a job is finished.

        Args:
            job_id: The job.
            timeout_seconds: Longest wait; ``None`` waits for ever.
            work: Run a worker meanwhile, for scripts on a machine where none runs. A second one does no harm.

        Raises:
            JobTimeoutError: It is not finished in time; the job itself goes on.
        """
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        with self._working() if work else _nothing():
            while not (job := self.get(job_id)).is_finished:
                if deadline is not None and time.monotonic() > deadline:
                    message = f"Job {job_id} is still {job.state} after {timeout_seconds:g} s. Is a worker running?"
                    raise JobTimeoutError(message)
                time.sleep(_POLL_SECONDS)
        return job

    def _submit(
        self,
        notebook: str,
        task_id: str,
        *,
        parameters: dict[str, Any],
        inputs: dict[str, Any],
        priority: int = 0,
        timeout_seconds: float | None = None,
    ) -> JobRecord:
        timeout = self._context.settings.job_timeout_seconds if timeout_seconds is None else timeout_seconds
        if timeout <= 0:
            raise InvalidInputError(f"Expected a timeout above 0 seconds, got {timeout}.", field="timeout_seconds")
        job = NewJob(
            workspace_id=self._context.workspace_id,
            notebook=notebook,
            timeout_seconds=timeout,
            task_id=task_id,
            user_id=self._context.user_id,
            parameters=check_parameters(parameters, read_parameters(job_notebook(notebook))),
            inputs=inputs,
            priority=priority,
        )
        return self._queue.submit(job)

    def _folder(self, job_id: str) -> JobFolder:
        self.get(job_id)  # the id becomes a path only when it is a job of this workspace
        return job_folder(self._context.settings.home, job_id)

    @contextmanager
    def _working(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=Worker(self._context.settings.home).run, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _check_trainable(snapshot: Snapshot) -> None:
    training = snapshot.of_split("train")
    used = {label_id for item in training for label_id in item.label_ids}
    if len(used) < _FEWEST_LABELS:
        message = (
            f"Expected training images of at least {_FEWEST_LABELS} labels, got {len(training)} images of {len(used)}. "
            "Label more images, then train."
        )
        raise ConflictError(message)
