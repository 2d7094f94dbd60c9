"""Serve every path with and without its last slash, and a second time under ``/localhost/``, without a redirect.

A redirect turns a client's POST into a GET. ``/localhost`` lets a client work that skips its vendor's authorisation
call only when that word stands in the address.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIX = "/localhost"


class PathMiddleware:
    """Rewrites the path of a request to the one form that the routes declare."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain path."""
        if scope["type"] == "http":
            scope = {**scope, "path": plain_path(scope["path"])}
        await self._app(scope, receive, send)


def plain_path(path: str) -> str:
    """Return a path without prefix, doubled slashes and last slash: ``/localhost//a/b/`` becomes ``/a/b``."""
    path = re.sub(r"/{2,}", "/", path)
    if path == _PREFIX or path.startswith(_PREFIX + "/"):
        path = path[len(_PREFIX) :]
    return path.rstrip("/") or "/"
