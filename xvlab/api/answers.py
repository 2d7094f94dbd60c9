"""Answers: the entities as clients know them. Every entity names its workspace; no field is ever missing."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from xvlab._clock import iso_utc
from xvlab.jobs.record import JobRecord
from xvlab.registry import ModelRecord
from xvlab.workspace import Workspace
from xvlab.workspace.labels import Label
from xvlab.workspace.tasks import Task

_STATUS_WORDS = {
    "queued": "IN_TRAINING",
    "running": "IN_TRAINING",
    "succeeded": "TRAINED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}


class Done(BaseModel):
    """It was done."""

    status: str = "ok"


class LabelAnswer(BaseModel):
    """A label."""

    id: str
    name: str
    type: str
    output_name: str
    description: str
    color: str
    images_count: int = Field(description="-1 where it was not counted.")
    workspace: str
    created: str

    @classmethod
    def of(cls, label: Label) -> LabelAnswer:
        """Build it from the workspace's value."""
        return cls(
            id=label.id,
            name=label.name,
            type=label.kind,
            output_name=label.output_name or label.name,
            description=label.description,
            color=label.color,
            images_count=label.images_count,
            workspace=label.workspace_id,
            created=iso_utc(label.created_at),
        )


class TaskAnswer(BaseModel):
    """A task."""

    id: str
    name: str
    type: str
    description: str
    production_version: int | None
    last_version: int
    last_train_status: str = Field(description="IN_TRAINING, TRAINED, FAILED, CANCELLED, or empty before the first.")
    labels_count: int
    workspace: str
    created: str

    @classmethod
    def of(cls, workspace: Workspace, task: Task) -> TaskAnswer:
        """Build it from the workspace's value and the newest training of the task."""
        newest = [job for job in workspace.jobs.list(task_id=task.id, limit=5).items if job.notebook == "train"]
        return cls(
            id=task.id,
            name=task.name,
            type=task.kind,
            description=task.description,
            production_version=task.production_version,
            last_version=task.last_version,
            last_train_status=_STATUS_WORDS[newest[0].state] if newest else "",
            labels_count=len(task.labels),
            workspace=task.workspace_id,
            created=iso_utc(task.created_at),
        )


class TaskDetail(TaskAnswer):
    """A task with its labels in class order."""

    labels: list[LabelAnswer]

    @classmethod
    def of(cls, workspace: Workspace, task: Task) -> TaskDetail:
        """Build it from the workspace's value."""
        labels = [LabelAnswer.of(label) for label in task.labels]
        return cls(**TaskAnswer.of(workspace, task).model_dump(), labels=labels)


class ImageAnswer(BaseModel):
    """An image. The two paths are addresses that work without a token for some hours."""

    id: str
    name: str
    img_path: str
    thumb_img_path: str
    img_width: int
    img_height: int
    test_image: bool
    real: bool
    meta_data: dict[str, Any]
    verifyCount: int = Field(-1, description="-1 where it was not counted.")  # noqa: N815 - the clients' spelling
    workspace: str
    created: str
    labels: list[LabelAnswer]


class ModelAnswer(BaseModel):
    """A trained version of a task."""

    model_config = ConfigDict(protected_namespaces=())

    id: str
    task: str
    task_name: str
    version: int
    train_status: str
    is_production: bool
    accuracy: float | None = Field(description="On the test images, or on the held-out ones when there are none.")
    metrics: dict[str, Any]
    workspace: str
    created: str

    @classmethod
    def of(cls, model: ModelRecord, task: Task) -> ModelAnswer:
        """Build it from the registry's value and its task."""
        measured = model.metrics.get("test") or model.metrics.get("evaluation") or {}
        return cls(
            id=model.id,
            task=model.task_id,
            task_name=task.name,
            version=model.version,
            train_status="TRAINED",
            is_production=model.is_production,
            accuracy=measured.get("accuracy"),
            metrics=model.metrics,
            workspace=model.workspace_id,
            created=iso_utc(model.created_at),
        )


class JobAnswer(BaseModel):
    """A job: one run of a job notebook."""

    id: str
    task: str | None
    notebook: str
    state: str = Field(description="queued, running, succeeded, failed or cancelled.")
    status: str = Field(description="The same in the words of last_train_status.")
    parameters: dict[str, Any]
    progress: dict[str, Any]
    result: dict[str, Any]
    error: str
    workspace: str
    created: str
    started: str | None
    finished: str | None

    @classmethod
    def of(cls, job: JobRecord) -> JobAnswer:
        """Build it from the queue's value."""
        return cls(
            id=job.id,
            task=job.task_id,
            notebook=job.notebook,
            state=job.state,
            status=_STATUS_WORDS[job.state],
            parameters=job.parameters,
            progress=job.progress,
            result=job.result,
            error=job.error,
            workspace=job.workspace_id,
            created=iso_utc(job.created_at),
            started=iso_utc(job.started_at) if job.started_at else None,
            finished=iso_utc(job.finished_at) if job.finished_at else None,
        )


class StatusAnswer(BaseModel):
    """How it went, in the clients' form: 200 is good."""

    code: int = 200
    text: str = "OK"


class ScoredLabel(BaseModel):
    """A label with its probability in [0, 1]."""

    id: str
    name: str
    prob: float


class RecordAnswer(BaseModel):
    """The record as it was sent, with what the model says."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    status: StatusAnswer = Field(alias="_status")
    best_label: ScoredLabel | None = None
    labels: list[ScoredLabel] = Field(default_factory=list, description="All labels, most probable first.")


class ClassifyAnswer(BaseModel):
    """What a model says about each record."""

    records: list[RecordAnswer]
    status: StatusAnswer
    task_id: str
    version: int
    statistics: dict[str, float] = Field(description="'processing time' in seconds.")


class UserAnswer(BaseModel):
    """The account behind the token."""

    id: str
    user_id: str
    name: str
    default_workspace: str | None
    workspaces: list[WorkspaceAnswer]


class WorkspaceAnswer(BaseModel):
    """A workspace that is open to the account."""

    id: str
    name: str
    role: str
    is_default: bool


class ReadyAnswer(BaseModel):
    """Whether the service can do its work, part by part; ``worker`` may be away without making it unready."""

    ready: bool
    version: str
    checks: dict[str, str]


UserAnswer.model_rebuild()
