"""Classification by the model in production, or by a version that is named."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from xvlab.api.answers import ClassifyAnswer, RecordAnswer, ScoredLabel, StatusAnswer
from xvlab.api.error_answers import status_of
from xvlab.api.requests import MAX_RECORDS, ClassifyRequest, Record
from xvlab.api.uploads import content_type, decode_base64, json_object, json_schema, validated
from xvlab.api.visitor import Visitor, VisitorNeeded
from xvlab.errors import InvalidInputError, NotProvidedError, UnsupportedFormatError, XvlabError
from xvlab.workspace.fetch import fetch_url
from xvlab.workspace.live import Classification

router = APIRouter(prefix="/recognition/v2/classify", tags=["classify"])
_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": json_schema(ClassifyRequest)},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "task_id"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "task_id": {"type": "string"},
                        "version": {"type": "integer"},
                    },
                }
            },
        },
    }
}


@router.post("", summary="Classify images", openapi_extra=_BODIES)
async def classify(request: Request, response: Response, visitor: VisitorNeeded) -> ClassifyAnswer:
    """Classify up to 10 images; a record that fails says why in its ``_status``, the others are answered."""
    body, images = await _read(request)
    answer = await run_in_threadpool(_classify, visitor, body, images)
    response.status_code = answer.status.code
    return answer


async def _read(request: Request) -> tuple[ClassifyRequest, list[bytes] | None]:
    """Return the request, and the images where they came as files of a form."""
    kind = content_type(request)
    if kind == "multipart/form-data":
        async with request.form(max_files=MAX_RECORDS + 1) as form:
            files = [part for name in ("file", "files") for part in form.getlist(name) if isinstance(part, UploadFile)]
            fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
            records = [{"name": file.filename or ""} for file in files]
            return validated(ClassifyRequest, {**fields, "records": records}), [await file.read() for file in files]
    if kind in ("application/json", ""):
        return validated(ClassifyRequest, await json_object(request)), None
    message = f"Expected JSON or a multipart form, got a body of type {kind!r}. Send one of those."
    raise UnsupportedFormatError(message, field="content-type")


def _classify(visitor: Visitor, body: ClassifyRequest, files: list[bytes] | None) -> ClassifyAnswer:
    started = time.perf_counter()
    task_id = body.task_id or body.task
    if not task_id:
        raise InvalidInputError("Expected the id of a task in task_id. Add it.", field="task_id")
    if not 1 <= len(body.records) <= MAX_RECORDS:
        message = f"Expected 1 to {MAX_RECORDS} records, got {len(body.records)}. Send them in several requests."
        raise InvalidInputError(message, field="records")
    if body.store_images:
        raise NotProvidedError("Classified images are not stored. Upload them to /recognition/v2/training-image.")
    workspace = visitor.locate("task", task_id, "read")
    hosts = visitor.home.settings.allowed_url_hosts
    limit = visitor.home.settings.max_image_bytes
    images = files if files is not None else _collect(body.records, hosts, limit)
    model, results = workspace.live.classify_each(task_id, images, version=body.version)
    records = [_record_answer(record, result) for record, result in zip(body.records, results, strict=True)]
    return ClassifyAnswer(
        records=records,
        status=_overall([record.status for record in records]),
        task_id=task_id,
        version=model.version,
        statistics={"processing time": round(time.perf_counter() - started, 4)},
    )


def _collect(records: list[Record], hosts: tuple[str, ...], max_bytes: int) -> list[bytes | XvlabError]:
    def content(index: int, record: Record) -> bytes | XvlabError:
        try:
            if record.base64 is not None:
                return decode_base64(record.base64, field=f"records.{index}._base64")
            if record.url is not None:
                return fetch_url(record.url, allowed_hosts=hosts, max_bytes=max_bytes, field=f"records.{index}._url")
            raise InvalidInputError("Expected _base64 or _url in the record. Add one.", field=f"records.{index}")
        except XvlabError as error:
            return error

    if all(record.url is None for record in records):
        return [content(index, record) for index, record in enumerate(records)]
    with ThreadPoolExecutor(MAX_RECORDS) as threads:
        return list(threads.map(content, range(len(records)), records))


def _record_answer(record: Record, result: Classification | XvlabError) -> RecordAnswer:
    if isinstance(result, XvlabError):
        status = StatusAnswer(code=status_of(result), text=result.message)
        return RecordAnswer(**record.echo(), status=status)
    labels = [ScoredLabel(id=label.label_id, name=label.label_name, prob=label.score) for label in result.all]
    size = {"_width": result.width, "_height": result.height}
    return RecordAnswer(**{**record.echo(), **size}, status=StatusAnswer(), best_label=labels[0], labels=labels)


def _overall(statuses: list[StatusAnswer]) -> StatusAnswer:
    """Some records may fail; only when none could be answered, the request failed, with the first record's reason."""
    return StatusAnswer() if any(status.code == 200 for status in statuses) else statuses[0]
