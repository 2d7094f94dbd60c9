"""The notebook's side of a job: its data, its folder, the listener for progress, and where the result goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xvlab._blobs import BlobStore, open_blobs
from xvlab._database import Database, open_database
from xvlab._database.tables import ImageRow, SnapshotRow, TaskRow
from xvlab._resources import job_notebook
from xvlab._settings import load_settings
from xvlab.data.predictions import Predictions
from xvlab.data.snapshot import Snapshot, TrainingData, read_snapshot
from xvlab.errors import ConfigurationError, NotFoundError
from xvlab.jobs.cookie import JOB_VARIABLE, TOKEN_VARIABLE
from xvlab.jobs.environment import environment_facts
from xvlab.jobs.folder import JobFolder, job_folder
from xvlab.jobs.present import present_snapshot
from xvlab.jobs.progress import PROGRESS_MIME, event_message
from xvlab.jobs.queue import JobQueue
from xvlab.jobs.quick_start import skip_slow_imports
from xvlab.jobs.record import JobRecord
from xvlab.jobs.results import finish_evaluation, finish_reproduction, finish_training
from xvlab.registry import JobFence, ModelRecord, Registry
from xvlab.tasks.config import TrainConfig

if TYPE_CHECKING:
    from xvlab.training.events import TrainEvent
    from xvlab.training.result import TrainResult

Publish = Callable[[dict[str, Any]], object]


class JobRun:
    """One job as its notebook sees it.

    Attributes:
        job: The job's record as it was when the notebook began.
        publish: Sends a MIME bundle to the runner, for example IPython's ``publish_display_data``.
        database: The home's database.
        blobs: The home's blob store.
        fence: Job and token; what is written is written with them.
        paths: The job's folder.
    """

    def __init__(
        self,
        job: JobRecord,
        publish: Publish,
        *,
        database: Database,
        blobs: BlobStore,
        fence: JobFence,
        paths: JobFolder,
    ) -> None:
        self.job = job
        self.publish = publish
        self.database = database
        self.blobs = blobs
        self.fence = fence
        self.paths = paths

    @property
    def folder(self) -> Path:
        """Folder for checkpoints; it outlives the attempt."""
        return self.paths.run

    @property
    def offline(self) -> bool:
        """Whether no model hub may be asked."""
        return load_settings().hub_offline

    @cached_property
    def registry(self) -> Registry:
        """The versions of the job's workspace."""
        return Registry(self.database, self.job.workspace_id)

    @cached_property
    def snapshot(self) -> Snapshot:
        """What is trained or evaluated on; for an evaluation as :func:`present_snapshot` says."""
        snapshot = self._snapshot(self.job.inputs["snapshot_id"])
        if self.job.notebook == "train":
            return snapshot
        return present_snapshot(snapshot, self._snapshot(self.model.snapshot_id))

    @cached_property
    def data(self) -> TrainingData:
        """The snapshot with the way to its bytes."""
        return TrainingData(self.snapshot, self.blobs.get)

    @cached_property
    def model(self) -> ModelRecord:
        """The model that is evaluated."""
        return self.registry.get(self.job.inputs["model_id"])

    @cached_property
    def task_name(self) -> str:
        """Name of the task, for headings."""
        with self.database.read() as session:
            row = session.get(TaskRow, self.job.task_id)
        if row is None:
            raise NotFoundError(f"The task {self.job.task_id} was deleted. Cancel this job.")
        return row.name

    @cached_property
    def environment(self) -> dict[str, Any]:
        """What the run depends on besides data and parameters."""
        return environment_facts(self.notebook_source)

    @property
    def notebook_source(self) -> Path:
        """The notebook that runs here, without outputs."""
        recorded = "notebook_sha256" in self.job.inputs
        return self.paths.source if recorded else job_notebook(self.job.notebook)

    def config(self, variables: Mapping[str, Any]) -> TrainConfig:
        """Make the training options from the notebook's variables, usually ``globals()``."""
        return TrainConfig(**{name: variables[name] for name in TrainConfig.model_fields})

    def listener(self, event: TrainEvent, /) -> None:
        """Send a training event to the job's row."""
        self.publish({PROGRESS_MIME: event_message(event)})

    def notice(self, stage: str, message: str) -> None:
        """Tell people what happens now."""
        self.publish({PROGRESS_MIME: {"event": "Notice", "stage": stage, "message": message}})

    def predicted(self, done: int, total: int) -> None:
        """Tell people how many images are predicted."""
        self.notice("evaluating", f"{done} of {total} images predicted")

    def read_thumbnail(self, image_id: str) -> bytes:
        """Return the JPEG thumbnail of an image of the job's workspace.

        Raises:
            NotFoundError: The image was deleted.
        """
        with self.database.read() as session:
            row = session.get(ImageRow, image_id)
        if row is None or row.workspace_id != self.job.workspace_id:
            raise NotFoundError(f"The image {image_id} is not in this workspace any more.")
        return self.blobs.get(row.thumbnail_sha256)

    def fetch_model(self) -> Path:
        """Write the artefacts of the model that is evaluated into the job's folder; return that folder."""
        folder = self.folder / "model"
        folder.mkdir(exist_ok=True)
        for name, sha256 in self.model.artifacts.items():
            self.blobs.get_file(sha256, folder / name)
        return folder

    def register_model(self, result: TrainResult, predictions: Predictions, metrics: dict[str, Any]) -> dict[str, Any]:
        """Keep the trained model as the next version of its task; for a reproduction, compare it with the original.

        Doing it twice in one job changes nothing.

        Returns:
            What is kept as the job's result.

        Raises:
            AttemptLostError: Another attempt owns the job.
        """
        self.notice("registering", "storing the model")
        finish = finish_reproduction if "reproduces" in self.job.inputs else finish_training
        return finish(self, result, predictions, metrics)

    def record_evaluation(self, predictions: Predictions, metrics: dict[str, Any]) -> dict[str, Any]:
        """Keep metrics and predictions of an evaluated model; return what is kept as the job's result."""
        return finish_evaluation(self, predictions, metrics)

    def _snapshot(self, snapshot_id: str) -> Snapshot:
        with self.database.read() as session:
            row = session.get(SnapshotRow, snapshot_id)
        if row is None or row.workspace_id != self.job.workspace_id:
            raise NotFoundError(f"The snapshot {snapshot_id} is not in this workspace. Submit the job again.")
        return read_snapshot(self.blobs.get(row.sha256))


def open_run(publish: Publish) -> JobRun:
    """Open the job that this process runs for, as told by its environment.

    Args:
        publish: Sends a MIME bundle to the runner; IPython's ``publish_display_data``.

    Raises:
        ConfigurationError: The process does not belong to a job.
    """
    job_id, token = os.environ.get(JOB_VARIABLE), os.environ.get(TOKEN_VARIABLE)
    if not job_id or not token:
        raise ConfigurationError("This notebook runs as a job. Submit it with workspace.jobs.submit_training(task_id).")
    skip_slow_imports()
    settings = load_settings()
    database = open_database(settings.effective_database_url)
    return JobRun(
        JobQueue(database).get(job_id),
        publish,
        database=database,
        blobs=open_blobs(settings.effective_blob_url),
        fence=JobFence(job_id, token),
        paths=job_folder(settings.home, job_id),
    )
