"""Signing in and out, and what the page's header asks about the session."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web

from xvlab.errors import RateLimitedError

_WRONG = "Name or password is wrong. Try again, or ask the person who runs xvlab for a new password."


class SignInHandler(LoginFormHandler):
    """The sign-in page, and the exchange of a sign-in link's token for a session."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Show the form, or go on where the visitor is signed in or brings a token."""
        token = self.get_query_argument("token", "")
        if (token and await self.exchange(token)) or (self.current_user and not token):
            self._redirect_safe(self.get_query_argument("next", self.base_url))
        else:
            self._show("This sign-in link is no longer valid. Sign in with your name and password." if token else "")

    @allow_unauthenticated
    async def post(self) -> None:
        """Check name and password; the same answer whichever of them is wrong."""
        name = self.get_body_argument("name", "").strip()
        password = self.get_body_argument("password", "", strip=False)
        provider = self.identity_provider
        try:
            user = await asyncio.to_thread(provider.check_password, name, password, self.request.remote_ip)
        except RateLimitedError as error:
            self.set_status(429)
            self._show(error.message, name=name)
            return
        if user is None:
            self.set_status(401)
            self._show(_WRONG, name=name)
            return
        provider.set_login_cookie(self, user)
        self._redirect_safe(self.get_argument("next", self.base_url))

    async def exchange(self, token: str) -> bool:
        """Turn a token into a session; false when the token is not valid."""
        user = await asyncio.to_thread(self.identity_provider.check_token, token)
        if user is not None:
            self.identity_provider.set_login_cookie(self, user)
        return user is not None

    def _show(self, message: str, *, name: str = "") -> None:
        template = self.settings["voila_jinja2_env"].get_template("login.html")
        page = template.render(
            base_url=self.base_url,
            message=message,
            name=name,
            next=self.get_argument("next", self.base_url),
            xsrf_token=self.xsrf_token.decode(),
        )
        self.set_header("Cache-Control", "no-store")
        self.finish(page)


class SignOutHandler(JupyterHandler):
    """End the session of this browser."""

    @allow_unauthenticated
    async def post(self) -> None:
        """Forget the cookie and show the sign-in page."""
        self.identity_provider.clear_login_cookie(self)
        self.redirect(self.settings["login_url"])

    @allow_unauthenticated
    async def get(self) -> None:
        """A link to here signs nobody out: another site could show it as a picture."""
        self.redirect(self.base_url)


class SessionHandler(APIHandler):
    """What the header of a page shows; pages are prepared before it is known who will see them."""

    @web.authenticated
    async def get(self) -> None:
        """Answer name and workspaces of the visitor."""
        name = self.current_user.username
        workspaces = await asyncio.to_thread(self.settings["workspace_names"], name)
        self.set_header("Cache-Control", "no-store")
        self.finish({"name": name, "workspaces": workspaces, "xsrf": self.xsrf_token.decode()})


def without_token(path: str, query: str) -> str:
    """The address of a request less its ``token``, so that it neither stays in the history nor reaches a kernel."""
    kept: list[tuple[str, Any]] = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "token"]
    return f"{path}?{urlencode(kept)}" if kept else path
