"""Labels."""

from __future__ import annotations

from fastapi import APIRouter, Response

from xvlab.api.answers import LabelAnswer
from xvlab.api.paging import ListAnswer, PageNeeded, TextQuery
from xvlab.api.requests import NewLabel
from xvlab.api.visitor import VisitorNeeded

router = APIRouter(prefix="/recognition/v2/label", tags=["labels"])


@router.get("", summary="List labels")
def list_labels(
    visitor: VisitorNeeded, query: PageNeeded, search: TextQuery = None, task: TextQuery = None
) -> ListAnswer[LabelAnswer]:
    """List the labels of a workspace; ``search`` is a part of the name, ``task`` the id of a task that has them."""
    workspace = visitor.workspace(query.workspace, "read")
    page = query.fetch(
        lambda after, limit: workspace.labels.list(search=search or "", task_id=task, after=after, limit=limit)
    )
    return ListAnswer(
        count=page.count,
        next=query.next_path(page.next, workspace.id),
        results=[LabelAnswer.of(label) for label in page.items],
    )


@router.post("", summary="Make a label", status_code=201)
def create_label(visitor: VisitorNeeded, body: NewLabel) -> LabelAnswer:
    """Make a label; names need not be unique."""
    workspace = visitor.workspace(body.workspace, "write")
    label = workspace.labels.create(
        body.name,
        kind=body.type,
        output_name=body.output_name,
        description=body.description,
        color=body.color,
    )
    return LabelAnswer.of(label)


@router.get("/{label_id}", summary="Read a label")
def read_label(visitor: VisitorNeeded, label_id: str) -> LabelAnswer:
    """Read one label."""
    return LabelAnswer.of(visitor.locate("label", label_id, "read").labels.get(label_id))


@router.delete("/{label_id}", summary="Delete a label", status_code=204)
def delete_label(visitor: VisitorNeeded, label_id: str) -> Response:
    """Delete a label and take it off all images and tasks; snapshots and models keep it."""
    visitor.locate("label", label_id, "write").labels.delete(label_id)
    return Response(status_code=204)
