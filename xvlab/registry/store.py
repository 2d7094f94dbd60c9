"""The registry of one workspace: versions of its tasks and which one is in production."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xvlab._clock import utc_now
from xvlab._database import Database
from xvlab._database.base import new_id
from xvlab._database.tables import ModelRow, PromotionRow, TaskRow
from xvlab.errors import ConflictError, NotFoundError
from xvlab.registry.fence import JobFence
from xvlab.registry.record import ModelRecord, model_of


@dataclass(frozen=True, slots=True)
class NewModel:
    """What is registered; see :class:`ModelRecord` for the fields.

    Attributes:
        task_id: The task it is a version of.
        snapshot_id: What it was trained on.
        parameters: Resolved options of the training.
        metrics: What it reached.
        artifacts: File name to sha256; the blobs are stored already.
        result: Kept in the job's row next to ``model_id`` and ``version``.
        promote: Put it into production in the same write.
        user_id: Who asked for it.
    """

    task_id: str
    snapshot_id: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    artifacts: dict[str, str]
    result: dict[str, Any] = field(default_factory=dict)
    promote: bool = False
    user_id: str | None = None


class Registry:
    """Model versions of one workspace."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    def register(self, model: NewModel, *, fence: JobFence) -> ModelRecord:
        """Register the model of a job under the next version of its task; again for the same job returns the first.

        Raises:
            AttemptLostError: The attempt does not own the job any more; nothing was written.
            NotFoundError: The task was deleted meanwhile.
        """
        with self._database.write() as session:
            job = fence.owned_row(session)
            task = self._locked_task(session, model.task_id)
            row = session.scalars(select(ModelRow).where(ModelRow.job_id == job.id)).one_or_none()
            if row is None:
                row = self._add(session, task, model, job.id)
                if model.promote:
                    _promote(session, task, row.version, model.user_id)
            job.result = {**job.result, **model.result, "model_id": row.id, "version": row.version}
            return model_of(row, task.production_version)

    def list(self, task_id: str) -> tuple[ModelRecord, ...]:
        """Return the versions of a task, newest first."""
        with self._database.read() as session:
            task = self._task(session, task_id)
            newest = self._models().where(ModelRow.task_id == task_id).order_by(ModelRow.version.desc())
            return tuple(model_of(row, task.production_version) for row in session.scalars(newest))

    def get(self, model_id: str) -> ModelRecord:
        """Return a model by its id.

        Raises:
            NotFoundError: This workspace has no such model, or it was deleted.
        """
        with self._database.read() as session:
            row = self._model(session, model_id)
            return model_of(row, self._task(session, row.task_id).production_version)

    def of_job(self, job_id: str) -> ModelRecord | None:
        """Return the model that a job registered."""
        with self._database.read() as session:
            row = session.scalars(self._models().where(ModelRow.job_id == job_id)).one_or_none()
            return None if row is None else model_of(row, self._task(session, row.task_id).production_version)

    def version(self, task_id: str, version: int | None = None) -> ModelRecord:
        """Return a version of a task; ``None`` is the production version.

        Raises:
            NotFoundError: There is no such version, or none is in production.
        """
        with self._database.read() as session:
            task = self._task(session, task_id)
            wanted = task.production_version if version is None else version
            if wanted is None:
                raise NotFoundError(f"Task {task.name!r} has no production version. Promote one of its models first.")
            return model_of(self._version(session, task, wanted), task.production_version)

    def promote(self, task_id: str, version: int, *, user_id: str | None = None) -> ModelRecord:
        """Make a version the one that answers when none is asked for; one atomic write, kept in the history."""
        with self._database.write() as session:
            task = self._locked_task(session, task_id)
            row = self._version(session, task, version)
            _promote(session, task, version, user_id)
            return model_of(row, task.production_version)

    def rollback(self, task_id: str) -> ModelRecord | None:
        """Undo the newest promotion; return the version that is in production now, if any.

        Raises:
            ConflictError: There is no promotion to undo, or the version before it was deleted.
        """
        with self._database.write() as session:
            task = self._locked_task(session, task_id)
            newest = (
                select(PromotionRow)
                .where(PromotionRow.task_id == task_id, PromotionRow.undone_at.is_(None))
                .order_by(PromotionRow.created_at.desc(), PromotionRow.id.desc())
                .limit(1)
            )
            promotion = session.scalars(newest).one_or_none()
            if promotion is None:
                raise ConflictError(f"Task {task.name!r} has no promotion to undo. Promote a version first.")
            before = promotion.previous_version
            row = None if before is None else self._version_or_none(session, task, before)
            if before is not None and row is None:
                raise ConflictError(
                    f"Version {before}, which was in production before, was deleted. Promote another one."
                )
            task.production_version, promotion.undone_at = before, utc_now()
            return None if row is None else model_of(row, before)

    def delete(self, model_id: str) -> None:
        """Forget a model; its version is not used again and its blobs stay.

        Raises:
            ConflictError: It is the production version.
        """
        with self._database.write() as session:
            row = self._model(session, model_id)
            if self._locked_task(session, row.task_id).production_version == row.version:
                message = (
                    f"Version {row.version} is in production. Promote another version or roll back, then delete it."
                )
                raise ConflictError(message)
            row.deleted_at = utc_now()

    def _add(self, session: Session, task: TaskRow, model: NewModel, job_id: str) -> ModelRow:
        task.last_version += 1
        row = ModelRow(
            id=new_id(),
            workspace_id=self._workspace_id,
            task_id=task.id,
            version=task.last_version,
            snapshot_id=model.snapshot_id,
            job_id=job_id,
            parameters=model.parameters,
            metrics=model.metrics,
            artifacts=model.artifacts,
            created_at=utc_now(),
        )
        session.add(row)
        return row

    def _models(self) -> Any:
        return select(ModelRow).where(ModelRow.workspace_id == self._workspace_id, ModelRow.deleted_at.is_(None))

    def _model(self, session: Session, model_id: str) -> ModelRow:
        row: ModelRow | None = session.scalars(self._models().where(ModelRow.id == model_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"No model has the id {model_id!r} here. List the models of the task.")
        return row

    def _version(self, session: Session, task: TaskRow, version: int) -> ModelRow:
        row = self._version_or_none(session, task, version)
        if row is None:
            raise NotFoundError(f"Task {task.name!r} has no version {version}. List the models of the task.")
        return row

    def _version_or_none(self, session: Session, task: TaskRow, version: int) -> ModelRow | None:
        wanted = self._models().where(ModelRow.task_id == task.id, ModelRow.version == version)
        row: ModelRow | None = session.scalars(wanted).one_or_none()
        return row

    def _task(self, session: Session, task_id: str) -> TaskRow:
        row = session.get(TaskRow, task_id)
        if row is None or row.workspace_id != self._workspace_id:
            raise NotFoundError(f"No task has the id {task_id!r} here. List the tasks of the workspace.")
        return row

    def _locked_task(self, session: Session, task_id: str) -> TaskRow:
        locked = select(TaskRow).where(TaskRow.id == task_id, TaskRow.workspace_id == self._workspace_id)
        row = session.scalars(locked.with_for_update()).one_or_none()
        return row if row is not None else self._task(session, task_id)


def _promote(session: Session, task: TaskRow, version: int, user_id: str | None) -> None:
    if task.production_version == version:
        return
    session.add(
        PromotionRow(
            id=new_id(),
            task_id=task.id,
            version=version,
            previous_version=task.production_version,
            user_id=user_id,
            created_at=utc_now(),
        )
    )
    task.production_version = version
