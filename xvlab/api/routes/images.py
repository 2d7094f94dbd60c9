"""Training images: upload, list, read, change, label."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from xvlab.api.answers import ImageAnswer
from xvlab.api.media import image_answer
from xvlab.api.paging import BoolQuery, ListAnswer, PageNeeded, TextQuery
from xvlab.api.requests import ImageChange, LabelReference
from xvlab.api.uploads import UPLOAD_BODIES, Upload, read_upload
from xvlab.api.visitor import Visitor, VisitorNeeded
from xvlab.errors import AlreadyExistsError
from xvlab.workspace.image_filter import ImageFilter
from xvlab.workspace.images import Image

router = APIRouter(prefix="/recognition/v2/training-image", tags=["images"])


class ImageQuery:
    """Filters of the list of images. ``labels`` is a comma list of label ids."""

    def __init__(
        self,
        labels: TextQuery = None,
        test: BoolQuery = None,
        real: BoolQuery = None,
        search: TextQuery = None,
        without_label_of_task: TextQuery = None,
    ) -> None:
        self.filter = ImageFilter(
            label_ids=tuple(part for part in (labels or "").split(",") if part),
            is_test=test,
            is_real=real,
            search=search or "",
            without_label_of_task=without_label_of_task,
        )


@router.get("", summary="List images")
def list_images(
    request: Request, visitor: VisitorNeeded, query: PageNeeded, filters: Annotated[ImageQuery, Depends(ImageQuery)]
) -> ListAnswer[ImageAnswer]:
    """List the images of a workspace."""
    workspace = visitor.workspace(query.workspace, "read")
    page = query.fetch(lambda after, limit: workspace.images.page(filters.filter, after=after, limit=limit))
    return ListAnswer(
        count=page.count,
        next=query.next_path(page.next, workspace.id),
        results=[image_answer(request, image) for image in page.items],
    )


@router.post("", summary="Upload an image", status_code=201, openapi_extra=UPLOAD_BODIES)
async def upload_image(request: Request, visitor: VisitorNeeded) -> ImageAnswer:
    """Store an image; when this answers, it is on disk. The same bytes twice answer ``already exists``."""
    upload = await read_upload(request)
    image = await run_in_threadpool(_store, visitor, upload)
    return image_answer(request, image)


@router.get("/{image_id}", summary="Read an image")
def read_image(request: Request, visitor: VisitorNeeded, image_id: str) -> ImageAnswer:
    """Read one image with its labels."""
    return image_answer(request, visitor.locate("image", image_id, "read").images.get(image_id))


@router.put("/{image_id}", summary="Change an image")
def change_image(request: Request, visitor: VisitorNeeded, image_id: str, body: ImageChange) -> ImageAnswer:
    """Replace the meta data, or move the image into or out of the test images."""
    workspace = visitor.locate("image", image_id, "write")
    if body.meta_data is not None:
        workspace.images.set_meta_data(image_id, body.meta_data)
    if body.test_image is not None:
        workspace.images.set_test([image_id], body.test_image)
    return image_answer(request, workspace.images.get(image_id))


@router.delete("/{image_id}", summary="Delete an image", status_code=204)
def delete_image(visitor: VisitorNeeded, image_id: str) -> Response:
    """Delete an image with its labels; snapshots and models keep what they saw."""
    visitor.locate("image", image_id, "write").images.delete(image_id)
    return Response(status_code=204)


@router.post("/{image_id}/add-label", summary="Put a label on an image")
def add_label(request: Request, visitor: VisitorNeeded, image_id: str, body: LabelReference) -> ImageAnswer:
    """Put a label of the same workspace on an image; twice is as good as once."""
    workspace = visitor.locate("image", image_id, "write")
    workspace.annotations.add_label(image_id, body.label_id, value=body.value)
    return image_answer(request, workspace.images.get(image_id))


@router.post("/{image_id}/remove-label", summary="Take a label off an image")
def remove_label(request: Request, visitor: VisitorNeeded, image_id: str, body: LabelReference) -> ImageAnswer:
    """Take a label off an image."""
    workspace = visitor.locate("image", image_id, "write")
    workspace.annotations.remove_label(image_id, body.label_id)
    return image_answer(request, workspace.images.get(image_id))


def _store(visitor: Visitor, upload: Upload) -> Image:
    workspace = visitor.workspace(upload.body.workspace, "write")
    try:
        return workspace.images.add(
            upload.content(),
            name=upload.body.name,
            is_test=upload.body.test_image,
            is_real=upload.body.real,
            meta_data=upload.body.meta_data,
        )
    except AlreadyExistsError as error:
        # Clients read the id out of exactly this wording.
        message = f"The image already exists in this workspace, image ID: {error.existing_id}. Use that one."
        raise AlreadyExistsError(message, existing_id=error.existing_id) from error
