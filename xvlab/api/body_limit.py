"""Refuse bodies that are too large before they fill the memory, whether or not they announce their size."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .error_answers import error_answer


class BodyTooLargeError(Exception):
    """The body ran over the limit while it was read."""


class BodyLimitMiddleware:
    """Answers 413 to a body of more than ``max_bytes`` bytes."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body on its way to the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, started = 0, False

        async def counting_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise BodyTooLargeError
            return message

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counting_receive, noting_send)
        except BodyTooLargeError:
            if started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"Expected a body of at most {self._max_bytes} bytes. Send fewer or smaller images."
        await error_answer(413, detail, "too_large", headers={"Connection": "close"})(scope, receive, send)
