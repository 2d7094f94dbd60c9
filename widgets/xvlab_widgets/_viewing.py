"""Images as the browser gets them: the stored bytes where it can show them, else a smaller JPEG."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image as Pillow

from xvlab.errors import XvlabError
from xvlab.workspace import Workspace
from xvlab.workspace.images import Image
from xvlab.workspace.labels import Label
from xvlab_widgets._geometry import shrink_to_fit

MAX_VIEW_SIDE = 1600
MAX_VIEW_BYTES = 1_500_000
BROWSER_FORMATS = frozenset({"JPEG", "PNG", "WEBP", "GIF"})


class ThumbnailRun(NamedTuple):
    """Thumbnails of a page in one run of bytes, in order; ``sizes`` are their byte counts (0 for a missing one)."""

    data: bytes
    sizes: list[int]


def viewing_bytes(workspace: Workspace, image: Image) -> bytes:
    """Return encoded bytes of an image for the screen, its long side at most ``MAX_VIEW_SIDE`` pixels."""
    data = workspace.home.blobs.get(image.sha256)
    is_small = max(image.width, image.height) <= MAX_VIEW_SIDE and len(data) <= MAX_VIEW_BYTES
    if is_small and image.format.upper() in BROWSER_FORMATS:
        return data
    from xvlab.data.images import decode_rgb  # OpenCV costs a dashboard's kernel 16 MB that small images do not need

    settings = workspace.home.settings
    pixels = decode_rgb(data, max_pixels=settings.max_image_pixels, max_bytes=settings.max_image_bytes)
    return encode_for_screen(Pillow.fromarray(pixels))


def encode_for_screen(picture: Pillow.Image) -> bytes:
    """Shrink a picture to ``MAX_VIEW_SIDE`` and encode it as JPEG."""
    size_wh = shrink_to_fit(picture.size, (MAX_VIEW_SIDE, MAX_VIEW_SIDE))
    shown = picture.convert("RGB")
    if size_wh != shown.size:
        shown = shown.resize(size_wh, Pillow.Resampling.LANCZOS, reducing_gap=2.0)
    buffer = io.BytesIO()
    shown.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def thumbnail_run(workspace: Workspace, images: Iterable[Image]) -> ThumbnailRun:
    """Collect the thumbnails of some images; one that cannot be read is left out with size 0."""
    parts = [_thumbnail(workspace, image) for image in images]
    return ThumbnailRun(b"".join(parts), [len(part) for part in parts])


def _thumbnail(workspace: Workspace, image: Image) -> bytes:
    try:
        return workspace.home.blobs.get(image.thumbnail_sha256)
    except XvlabError:
        return b""


def label_rows(labels: Iterable[Label]) -> list[dict[str, str]]:
    """Describe the labels of a task for the browser, each with a colour."""
    return [
        {"id": label.id, "name": label.name, "color": label.color or _COLORS[index % len(_COLORS)]}
        for index, label in enumerate(labels)
    ]


def label_colors(labels: Iterable[Label]) -> dict[str, str]:
    """Return label id to colour, the same that :func:`label_rows` gives."""
    return {row["id"]: row["color"] for row in label_rows(labels)}


# Ten hues that stay apart on light and on dark ground.
_COLORS = (
    "#4c6ef5", "#e8590c", "#2f9e44", "#d6336c", "#1098ad", "#9c36b5", "#e09000", "#74a80b", "#0b8a7d", "#a0673a",
)  # fmt: skip
