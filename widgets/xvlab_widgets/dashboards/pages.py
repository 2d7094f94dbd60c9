"""The handlers that differ from Voilà's own: pages know their visitor, kernels know their owner."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from typing import Any
from urllib.parse import urlencode, urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado import web
from tornado.ioloop import PeriodicCallback
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from xvlab_widgets.dashboards.sessions import without_token

USER_HEADER = "X-Xvlab-User"
HOME_PAGE = "voila/render/home.ipynb"
_SECONDS_BETWEEN_ACCOUNT_CHECKS = 5.0


class KernelOwners:
    """Whose kernel is whose: the first signed-in visitor who asks for a new kernel owns it.

    Ids of kernels are random (UUIDv4) and known to the page they were made for only, so the first one is the right one.

    Args:
        running: Ids of the kernels that live.
    """

    def __init__(self, running: Container[str]) -> None:
        self._running = running
        self._owners: dict[str, str] = {}

    def require(self, kernel_id: str, name: str) -> None:
        """Let the owner pass.

        Raises:
            HTTPError: 404, for a kernel of somebody else just as for one that does not exist.
        """
        if kernel_id not in self._running:
            raise web.HTTPError(404, "This page's session has ended. Reload the page.")
        if kernel_id not in self._owners:
            self._owners = {known: owner for known, owner in self._owners.items() if known in self._running}
            self._owners[kernel_id] = name
        if self._owners[kernel_id] != name:
            raise web.HTTPError(404, "This page's session has ended. Reload the page.")


class FrontDoorHandler(JupyterHandler):
    """``/``: go to the home page; a sign-in link's token goes through the sign-in page first."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Redirect."""
        token = self.get_query_argument("token", "")
        target = self.base_url + HOME_PAGE
        if token:
            target = f"{self.settings['login_url']}?{urlencode({'token': token, 'next': target})}"
        self.redirect(target)


class HealthHandler(web.RequestHandler):
    """``/healthz`` for the supervisor."""

    async def get(self) -> None:
        """Answer that the server lives."""
        self.finish({"status": "ok"})


class PageHandler(TornadoVoilaHandler):
    """A dashboard: tells the kernel who looks at it, whatever the client's own headers say."""

    @allow_unauthenticated
    async def get(self, path: str | None = None) -> None:
        """Render the page for the signed-in visitor."""
        token = self.get_query_argument("token", "")
        if token:
            target = without_token(self.request.path, self.request.query)
            self.redirect(f"{self.settings['login_url']}?{urlencode({'token': token, 'next': target})}")
            return
        if not self.current_user:
            self.redirect(f"{self.settings['login_url']}?{urlencode({'next': self.request.uri})}")
            return
        if path not in self.settings["page_names"]:
            raise web.HTTPError(404)
        self.request.headers[USER_HEADER] = self.current_user.username
        await super().get(path)


class OwnedKernelHandler(KernelHandler):
    """A kernel's state, for its owner only."""

    async def prepare(self) -> None:
        """Check the owner before any method runs."""
        await super().prepare()
        if self.current_user:
            self.settings["kernel_owners"].require(self.path_kwargs["kernel_id"], self.current_user.username)


class OwnedKernelWebsocketHandler(VoilaKernelWebsocketHandler):
    """The wire between a page and its kernel, for the owner only, and only while the account is active."""

    async def pre_get(self) -> None:
        """Check the owner before the connection opens."""
        self.settings["kernel_owners"].require(self.kernel_id, self.current_user.username)
        await super().pre_get()

    async def open(self, kernel_id: str) -> None:
        """Open, and keep asking whether the account is still active."""
        await super().open(kernel_id)
        self._guard = PeriodicCallback(self._leave_when_disabled, _SECONDS_BETWEEN_ACCOUNT_CHECKS * 1000)
        self._guard.start()

    def on_close(self) -> None:
        """Stop asking."""
        guard = getattr(self, "_guard", None)
        if guard is not None:
            guard.stop()
        super().on_close()

    async def _leave_when_disabled(self) -> None:
        if not await asyncio.to_thread(self.identity_provider.is_active, self.current_user.username):
            self.close(code=4401, reason="signed out")


class ShutdownHandler(VoilaShutdownKernelHandler):
    """End a kernel when its tab closes.

    The browser's beacon cannot carry the ``_xsrf`` value (https://github.com/voila-dashboards/voila/issues/1458), so
    the origin that every browser sends with it is checked instead; cookies are ``SameSite=Lax`` on top of it.
    """

    def check_xsrf_cookie(self) -> None:
        """Accept requests of our own pages only."""
        origin = self.request.headers.get("Origin", "")
        if urlsplit(origin).netloc != self.request.host:
            raise web.HTTPError(403, "Expected a request of this server's own page.")

    @web.authenticated
    async def post(self, kernel_id: str) -> Any:
        """Shut the visitor's own kernel down."""
        self.settings["kernel_owners"].require(kernel_id, self.current_user.username)
        await super().post(kernel_id)
