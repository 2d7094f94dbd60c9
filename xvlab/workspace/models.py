"""Trained versions of the tasks of a workspace: production, artefacts, measured numbers, proof by repetition."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from xvlab.data.predictions import Predictions, read_predictions
from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import AlreadyExistsError, JobError, NotFoundError
from xvlab.metrics import FailedImage
from xvlab.metrics import failed_images as find_failed
from xvlab.metrics import images_in_cell as find_in_cell
from xvlab.registry import Evaluations, ModelRecord, Registry

from .context import WorkspaceContext
from .jobs import Jobs
from .snapshots import Snapshots

_PREDICTIONS_FILE = "predictions.npz"
_FIXED_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
FailedImages = list[FailedImage]


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Outcome of training a model once more.

    Attributes:
        equal_metrics: Every metric is the same number.
        equal_weights: The weights file has the same bytes.
        job_id: The job that repeated the training; its report can be read.
        differences: Sentences, empty when all is equal.
    """

    equal_metrics: bool
    equal_weights: bool
    job_id: str
    differences: tuple[str, ...]


class Models:
    """Model versions of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context
        self._registry = Registry(context.database, context.workspace_id)
        self._evaluations = Evaluations(context.database, context.workspace_id)

    def list(self, task_id: str) -> tuple[ModelRecord, ...]:
        """Return the versions of a task, newest first."""
        return self._registry.list(task_id)

    def get(self, model_id: str) -> ModelRecord:
        """Return a model by its id.

        Raises:
            NotFoundError: This workspace has no such model.
        """
        return self._registry.get(model_id)

    def version(self, task_id: str, version: int | None = None) -> ModelRecord:
        """Return a version of a task; ``None`` is the production version.

        Raises:
            NotFoundError: There is no such version, or none is in production.
        """
        return self._registry.version(task_id, version)

    def promote(self, task_id: str, version: int) -> ModelRecord:
        """Make a version the one that answers when none is asked for."""
        return self._registry.promote(task_id, version, user_id=self._context.user_id)

    def rollback(self, task_id: str) -> ModelRecord | None:
        """Undo the newest promotion; return what is in production now."""
        return self._registry.rollback(task_id)

    def delete(self, model_id: str) -> None:
        """Forget a model that is not in production; its version number is never used again."""
        self._registry.delete(model_id)
        shutil.rmtree(self._cache(model_id), ignore_errors=True)

    def labels(self, model_id: str) -> tuple[SnapshotLabel, ...]:
        """Return the labels of a model in class order, as they were when it was trained."""
        return Snapshots(self._context).content(self.get(model_id).snapshot_id).labels

    def metrics(self, model_id: str) -> dict[str, Any]:
        """Return the newest measured metrics: of the last evaluation, else of the training."""
        evaluation = self._evaluations.newest(self.get(model_id).id)
        return self.get(model_id).metrics if evaluation is None else evaluation.metrics

    def predictions(self, model_id: str) -> Predictions:
        """Return the predictions that :meth:`metrics` were measured on."""
        model = self.get(model_id)
        evaluation = self._evaluations.newest(model_id)
        sha256 = model.artifacts[_PREDICTIONS_FILE] if evaluation is None else evaluation.predictions_sha256
        return read_predictions(self._context.blobs.get(sha256))

    def failed(self, model_id: str, split: str | None = None, limit: int = 100) -> FailedImages:
        """Return images with a wrong answer, the most confident mistakes first."""
        return find_failed(self.predictions(model_id), split)[:limit]

    def images_in_cell(
        self, model_id: str, true_label_id: str, predicted_label_id: str, split: str | None = None
    ) -> FailedImages:
        """Return exactly the images that one cell of the confusion matrix counts.

        Raises:
            NotFoundError: The model does not know one of the labels.
        """
        index = {label.id: place for place, label in enumerate(self.labels(model_id))}
        unknown = {true_label_id, predicted_label_id} - index.keys()
        if unknown:
            raise NotFoundError(f"The model does not know the label {unknown.pop()!r}. Take one of its labels.")
        return find_in_cell(self.predictions(model_id), index[true_label_id], index[predicted_label_id], split)

    def fetch(self, model_id: str) -> Path:
        """Return a folder with the model's artefacts; it is filled once and kept in the home."""
        model = self.get(model_id)
        folder = self._cache(model.id)
        if not folder.is_dir():
            beside = folder.with_name(f".{folder.name}.{uuid4().hex}")
            self._write(model, beside)
            try:
                beside.rename(folder)
            except OSError:  # another process was faster; its folder holds the same bytes
                shutil.rmtree(beside, ignore_errors=True)
        return folder

    def export(self, model_id: str, target: Path) -> Path:
        """Write the artefacts into a new folder, or into a zip archive when the target ends in ``.zip``.

        Raises:
            AlreadyExistsError: There is something at the target.
        """
        model, target = self.get(model_id), Path(target)
        if target.exists():
            raise AlreadyExistsError(f"{target} exists already. Choose another name or remove it.")
        if target.suffix.lower() == ".zip":
            self._write_zip(model, target)
        else:
            self._write(model, target)
        return target

    def reproduce(self, model_id: str, *, timeout_seconds: float | None = None) -> Reproduction:
        """Train the model once more from its snapshot and options, wait, and tell whether the result is equal.

        A worker runs meanwhile in this process, so none needs to be running.

        Raises:
            JobError: The repeated training did not succeed.
        """
        jobs = Jobs(self._context)
        job = jobs.wait(jobs.submit_reproduction(self.get(model_id)).id, timeout_seconds, work=True)
        if job.state != "succeeded":
            raise JobError(
                f"The repeated training {job.state}: {job.error or 'somebody cancelled it'} See job {job.id}."
            )
        return Reproduction(
            equal_metrics=job.result["equal_metrics"],
            equal_weights=job.result["equal_weights"],
            job_id=job.id,
            differences=tuple(job.result["differences"]),
        )

    def _cache(self, model_id: str) -> Path:
        return self._context.settings.home / "models" / model_id

    def _write(self, model: ModelRecord, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, sha256 in model.artifacts.items():
            self._context.blobs.get_file(sha256, folder / name)

    def _write_zip(self, model: ModelRecord, target: Path) -> None:
        """Write an archive whose bytes depend on the model only; it appears whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{uuid4().hex}")
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, sha256 in sorted(model.artifacts.items()):
                archive.writestr(zipfile.ZipInfo(name, _FIXED_ZIP_TIME), self._context.blobs.get(sha256))
        beside.replace(target)
