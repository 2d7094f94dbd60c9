"""Addresses of image bytes that work for some hours without a token, so that ``<img>`` and clients can show them."""

from __future__ import annotations

import time
from typing import Literal

from fastapi import Request

from xvlab._clock import iso_utc
from xvlab.errors import AuthenticationError
from xvlab.workspace.images import Image
from xvlab.workspace.secret_key import SecretKey

from .answers import ImageAnswer, LabelAnswer

Rendition = Literal["image", "thumbnail"]
_HOUR_SECONDS = 3600
_PURPOSE = "media"


def media_url(request: Request, image: Image, rendition: Rendition) -> str:
    """Return an absolute address; it stays the same within an hour, so that browsers can cache what it shows."""
    expires = (int(time.time()) // _HOUR_SECONDS + 12) * _HOUR_SECONDS
    key: SecretKey = request.app.state.home.accounts.secret_key
    signature = key.digest(_PURPOSE, _signed_text(image.id, rendition, expires))
    return f"{request.base_url}media/{image.id}/{rendition}?expires={expires}&signature={signature}"


def check_media_signature(key: SecretKey, image_id: str, rendition: str, expires: int, signature: str) -> None:
    """Let the bytes be shown.

    Raises:
        AuthenticationError: The address was not made here, or is too old.
    """
    good = key.matches(_PURPOSE, _signed_text(image_id, rendition, expires), signature)
    if not good or expires < time.time():
        raise AuthenticationError("This address of an image is not good any more. Read the image again for a new one.")


def image_answer(request: Request, image: Image) -> ImageAnswer:
    """Build the answer for an image, with signed addresses of its bytes."""
    return ImageAnswer(
        id=image.id,
        name=image.name,
        img_path=media_url(request, image, "image"),
        thumb_img_path=media_url(request, image, "thumbnail"),
        img_width=image.width,
        img_height=image.height,
        test_image=image.is_test,
        real=image.is_real,
        meta_data=image.meta_data or {},
        workspace=image.workspace_id,
        created=iso_utc(image.created_at),
        labels=[LabelAnswer.of(label) for label in image.labels],
    )


def _signed_text(image_id: str, rendition: str, expires: int) -> str:
    return f"{image_id}/{rendition}/{expires}"
