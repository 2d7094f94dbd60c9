"""Model versions."""

from __future__ import annotations

from fastapi import APIRouter, Response

from xvlab.api.answers import ModelAnswer
from xvlab.api.paging import ListAnswer
from xvlab.api.visitor import VisitorNeeded

router = APIRouter(prefix="/recognition/v2/model", tags=["models"])


@router.get("", summary="List the versions of a task")
def list_models(visitor: VisitorNeeded, task: str) -> ListAnswer[ModelAnswer]:
    """List all versions of a task, newest first, on one page."""
    workspace = visitor.locate("task", task, "read")
    found = workspace.tasks.get(task)
    results = [ModelAnswer.of(model, found) for model in workspace.models.list(task)]
    return ListAnswer(count=len(results), next=None, results=results)


@router.get("/{model_id}", summary="Read a model")
def read_model(visitor: VisitorNeeded, model_id: str) -> ModelAnswer:
    """Read one version with its metrics."""
    workspace = visitor.locate("model", model_id, "read")
    model = workspace.models.get(model_id)
    return ModelAnswer.of(model, workspace.tasks.get(model.task_id))


@router.delete("/{model_id}", summary="Delete a model", status_code=204)
def delete_model(visitor: VisitorNeeded, model_id: str) -> Response:
    """Delete a version that is not in production; its number is not used again."""
    visitor.locate("model", model_id, "manage").models.delete(model_id)
    return Response(status_code=204)
