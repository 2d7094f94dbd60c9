"""Tasks, their labels, their training and their version in production."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import ValidationError

from xvlab.api.answers import JobAnswer, ModelAnswer, TaskAnswer, TaskDetail
from xvlab.api.paging import ListAnswer, PageNeeded
from xvlab.api.requests import LabelReference, NewTask, TrainRequest, VersionReference
from xvlab.api.visitor import VisitorNeeded
from xvlab.errors import ConflictError, InvalidInputError
from xvlab.tasks.config import TrainConfig

router = APIRouter(prefix="/recognition/v2/task", tags=["tasks"])


@router.get("", summary="List tasks")
def list_tasks(visitor: VisitorNeeded, query: PageNeeded) -> ListAnswer[TaskAnswer]:
    """List the tasks of a workspace."""
    workspace = visitor.workspace(query.workspace, "read")
    page = query.fetch(lambda after, limit: workspace.tasks.list(after=after, limit=limit))
    return ListAnswer(
        count=page.count,
        next=query.next_path(page.next, workspace.id),
        results=[TaskAnswer.of(workspace, task) for task in page.items],
    )


@router.post("", summary="Make a task", status_code=201)
def create_task(visitor: VisitorNeeded, body: NewTask) -> TaskDetail:
    """Make a task without labels."""
    workspace = visitor.workspace(body.workspace, "write")
    task = workspace.tasks.create(body.name, kind=body.type, description=body.description)
    return TaskDetail.of(workspace, task)


@router.get("/{task_id}", summary="Read a task")
def read_task(visitor: VisitorNeeded, task_id: str) -> TaskDetail:
    """Read one task with its labels in class order."""
    workspace = visitor.locate("task", task_id, "read")
    return TaskDetail.of(workspace, workspace.tasks.get(task_id))


@router.delete("/{task_id}", summary="Delete a task", status_code=204)
def delete_task(visitor: VisitorNeeded, task_id: str) -> Response:
    """Delete a task with its models; labels and images stay."""
    visitor.locate("task", task_id, "manage").tasks.delete(task_id)
    return Response(status_code=204)


@router.post("/{task_id}/add-label", summary="Add a label to a task")
def add_label(visitor: VisitorNeeded, task_id: str, body: LabelReference) -> TaskDetail:
    """Add a label of the same workspace."""
    workspace = visitor.locate("task", task_id, "write")
    workspace.tasks.add_label(task_id, body.label_id)
    return TaskDetail.of(workspace, workspace.tasks.get(task_id))


@router.post("/{task_id}/remove-label", summary="Take a label out of a task")
def remove_label(visitor: VisitorNeeded, task_id: str, body: LabelReference) -> TaskDetail:
    """Take a label out; it stays on the images."""
    workspace = visitor.locate("task", task_id, "write")
    workspace.tasks.remove_label(task_id, body.label_id)
    return TaskDetail.of(workspace, workspace.tasks.get(task_id))


@router.post("/{task_id}/train", summary="Start a training")
def train(visitor: VisitorNeeded, task_id: str, body: TrainRequest | None = None) -> JobAnswer:
    """Queue a training and answer at once; follow it with ``/recognition/v2/job/{id}``."""
    workspace = visitor.locate("task", task_id, "write")
    body = body or TrainRequest(workspace=None)
    config = _train_config(body) if body.options else None
    return JobAnswer.of(workspace.jobs.submit_training(task_id, config, promote=body.promote))


@router.post("/{task_id}/promote", summary="Put a version into production")
def promote(visitor: VisitorNeeded, task_id: str, body: VersionReference) -> ModelAnswer:
    """Change the version that answers when none is asked for."""
    workspace = visitor.locate("task", task_id, "write")
    return ModelAnswer.of(workspace.models.promote(task_id, body.version), workspace.tasks.get(task_id))


@router.post("/{task_id}/rollback", summary="Undo the last change of the version in production")
def rollback(visitor: VisitorNeeded, task_id: str) -> ModelAnswer:
    """Go back to the version before."""
    workspace = visitor.locate("task", task_id, "write")
    model = workspace.models.rollback(task_id)
    if model is None:
        raise ConflictError("No version is in production any more. Promote one to have the task answer.")
    return ModelAnswer.of(model, workspace.tasks.get(task_id))


def _train_config(body: TrainRequest) -> TrainConfig:
    try:
        return TrainConfig(**body.options)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(("options", *map(str, first["loc"])))
        raise InvalidInputError(f"{field}: {first['msg']}. See the options of a training.", field=field) from error
