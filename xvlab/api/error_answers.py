"""One place where errors become answers: ``{"detail": …, "code": …, "field": …}`` with the fitting status."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from xvlab import errors

_log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[errors.XvlabError], int], ...] = (
    (errors.UnsupportedFormatError, 415),
    (errors.InvalidInputError, 400),
    (errors.AuthenticationError, 401),
    (errors.PermissionDeniedError, 403),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.RateLimitedError, 429),
    (errors.NotProvidedError, 501),
    (errors.StorageError, 503),
    (errors.MissingDependencyError, 503),
    (errors.XvlabError, 500),
)
_HEADERS = {401: {"WWW-Authenticate": "Token"}, 429: {"Retry-After": "5"}}
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_NEXT_STEP = {
    404: "Nothing is served under {path}. See the routes at /docs.",
    405: "{path} does not know the method {method}. See the routes at /docs.",
}


def status_of(error: errors.XvlabError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def error_answer(
    status: int,
    detail: str,
    code: str,
    *,
    field: str = "",
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> JSONResponse:
    """Build an error answer; ``extra`` adds what a route promises beside the three fields."""
    body = {"detail": detail, "code": code, "field": field, **(extra or {})}
    return JSONResponse(body, status_code=status, headers={**_HEADERS.get(status, {}), **(headers or {})})


def install_error_answers(app: FastAPI) -> None:
    """Answer every error of this application in the one shape."""

    @app.exception_handler(errors.XvlabError)
    def refused(request: Request, error: errors.XvlabError) -> JSONResponse:
        status = status_of(error)
        if status >= 500:
            _log.error("%s %s: %s", request.method, request.url.path, error.message)
        return _answer(request, status, error.message, error.code, field=getattr(error, "field", ""))

    @app.exception_handler(RequestValidationError)
    def misshapen(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
        detail = f"{field or 'The body'}: {first['msg']}. See the fields of this route at /docs."
        return _answer(request, 422, detail, "invalid_input", field=field)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        wording = _NEXT_STEP.get(error.status_code, str(error.detail))
        detail = wording.replace("{path}", request.url.path).replace("{method}", request.method)
        code = _CODES.get(error.status_code, "http_error")
        return error_answer(error.status_code, detail, code, headers=error.headers)

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        detail = "Something went wrong inside xvlab; its log says what. Try again or report it."
        return _answer(request, 500, detail, "internal")


def _answer(request: Request, status: int, detail: str, code: str, *, field: str = "") -> JSONResponse:
    # Clients of classify look at `status.code` and never at the HTTP status.
    extra: dict[str, object] = (
        {"status": {"code": status, "text": detail}} if request.url.path.endswith("/classify") else {}
    )
    return error_answer(status, detail, code, field=field, extra=extra)
