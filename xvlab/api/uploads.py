"""Reading images out of requests: JSON with base64, multipart forms, and the bare bytes of a file."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from xvlab.errors import InvalidInputError, UnsupportedFormatError

from .requests import NewImage

Model = TypeVar("Model", bound=BaseModel)
_DATA_URL = re.compile(r"^data:[\w.+-]+/[\w.+-]+(;[\w=.+-]+)*;base64,", re.ASCII)
_BINARY_TYPES = ("image/", "application/octet-stream")


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that FastAPI does not read itself, with its parts in place, as OpenAPI has no ``$defs``."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})
    for field in schema["properties"].values():
        if "$ref" in field.get("items", {}):
            field["items"] = parts[field["items"]["$ref"].rpartition("/")[2]]
    return schema


UPLOAD_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": json_schema(NewImage)},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "test_image": {"type": "boolean"},
                        "real": {"type": "boolean"},
                        "meta_data": {"type": "string", "description": "A JSON object."},
                        "workspace": {"type": "string"},
                    },
                }
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    """An image on its way in: its bytes, or their base64 text that is not decoded yet, and what is said about it."""

    body: NewImage
    data: bytes | None

    def content(self) -> bytes:
        """Return the bytes of the file.

        Raises:
            InvalidInputError: The base64 text is broken.
        """
        return self.data if self.data is not None else decode_base64(self.body.base64, field="base64")


def content_type(request: Request) -> str:
    """Return the media type of a request without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_upload(request: Request) -> Upload:
    """Read the image of an upload; for bare bytes the other fields come in the query.

    Raises:
        UnsupportedFormatError: The body is none of the three kinds.
        RequestValidationError: A field is missing or wrong.
    """
    kind = content_type(request)
    if kind == "multipart/form-data":
        async with request.form(max_files=1) as form:
            return await _from_form(form)
    if kind.startswith(_BINARY_TYPES):
        return Upload(validated(NewImage, {**request.query_params, "base64": ""}), await request.body())
    if kind in ("application/json", ""):
        return Upload(validated(NewImage, await json_object(request)), None)
    message = f"Expected JSON, a multipart form or an image, got a body of type {kind!r}. Send one of those."
    raise UnsupportedFormatError(message, field="content-type")


def decode_base64(text: str, *, field: str) -> bytes:
    """Decode base64 with or without a data URL before it; line breaks are passed over.

    Raises:
        InvalidInputError: It is not base64.
    """
    start = _DATA_URL.match(text[:200])
    try:
        return base64.b64decode("".join(text[start.end() if start else 0 :].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"Expected the bytes of an image in base64, got something else ({error}). Encode the file again."
        raise InvalidInputError(message, field=field) from error


def validated(model: type[Model], values: dict[str, Any]) -> Model:
    """Check fields by hand where FastAPI cannot, with the same error as if it had."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


async def _from_form(form: FormData) -> Upload:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInputError("Expected a form with one file in the field 'file'. Add it.", field="file")
    fields: dict[str, Any] = {name: value for name, value in form.items() if name != "file" and value != ""}
    if "meta_data" in fields:
        fields["meta_data"] = _parse_json(fields["meta_data"], field="meta_data")
    fields = {"name": file.filename or "", **fields, "base64": ""}
    return Upload(validated(NewImage, fields), await file.read())


async def json_object(request: Request) -> dict[str, Any]:
    """Read a body that is a JSON object.

    Raises:
        InvalidInputError: It is something else.
    """
    body = _parse_json(await request.body(), field="")
    if not isinstance(body, dict):
        raise InvalidInputError(f"Expected a JSON object, got a {type(body).__name__}. Send the fields by name.")
    return body


def _parse_json(text: str | bytes, *, field: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInputError(
            f"Expected JSON, got something else ({error}). Correct the body.", field=field
        ) from error
