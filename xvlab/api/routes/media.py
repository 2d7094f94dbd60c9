"""Bytes of images, by token or by a signed address that lasts some hours."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from xvlab.api.media import Rendition, check_media_signature
from xvlab.api.visitor import visitor
from xvlab.errors import NotFoundError
from xvlab.workspace import Home, Workspace
from xvlab.workspace.locate import workspace_of

router = APIRouter(prefix="/media", tags=["images"])
# The list of formats that are taken in; nothing else ever leaves as an image (no SVG, no HTML).
_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
}
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600, immutable",
}


@router.get("/{image_id}/{rendition}", summary="Read the bytes of an image or of its thumbnail")
def read_media(
    request: Request,
    image_id: str,
    rendition: Rendition,
    expires: int | None = None,
    signature: str | None = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Answer with the stored bytes; ``ETag`` is their hash, and a client that has them gets 304."""
    workspace = _workspace(request, image_id, rendition, expires, signature)
    image = workspace.images.get(image_id)
    is_thumbnail = rendition == "thumbnail"
    headers = {**_SAFE, "ETag": f'"{image.thumbnail_sha256 if is_thumbnail else image.sha256}"'}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    content = workspace.images.thumbnail(image_id) if is_thumbnail else workspace.images.content(image_id)
    media_type = "image/jpeg" if is_thumbnail else _MEDIA_TYPES.get(image.format.upper())
    if media_type is None:
        headers["Content-Disposition"] = "attachment"
    return Response(content, headers=headers, media_type=media_type or "application/octet-stream")


def _workspace(
    request: Request, image_id: str, rendition: str, expires: int | None, signature: str | None
) -> Workspace:
    if expires is None or signature is None:
        return visitor(request).locate("image", image_id, "read")
    home: Home = request.app.state.home
    check_media_signature(home.accounts.secret_key, image_id, rendition, expires, signature)
    workspace_id = workspace_of(home, "image", image_id)
    if workspace_id is None:
        raise NotFoundError(f"No image has the id {image_id!r}. It may have been deleted.")
    return home.workspace(workspace_id)
