"""Who is signed in: accounts of the home, remembered in a signed cookie."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.auth.identity import User as Visitor
from traitlets import default

from xvlab.errors import AuthenticationError, NotFoundError
from xvlab.workspace import Home
from xvlab.workspace.accounts import SIGN_IN_LINK
from xvlab.workspace.throttle import FailureThrottle
from xvlab_widgets.dashboards.sessions import SignInHandler, SignOutHandler

_DAYS_SIGNED_IN = 7
_FAILURES_PER_ADDRESS = 50


class AccountIdentity(IdentityProvider):
    """Asks the accounts of the server's home; a disabled account is out at its next request."""

    def __init__(self, **keywords: Any) -> None:
        keywords.update(login_handler_class=SignInHandler, logout_handler_class=SignOutHandler, token="")
        super().__init__(**keywords)
        self._addresses = FailureThrottle(limit=_FAILURES_PER_ADDRESS, window_seconds=300.0)

    @default("cookie_options")
    def _default_cookie_options(self) -> dict[str, Any]:
        return {"httponly": True, "samesite": "Lax", "expires_days": _DAYS_SIGNED_IN}

    @default("get_secure_cookie_kwargs")
    def _default_secure_cookie_keywords(self) -> dict[str, Any]:
        return {"max_age_days": _DAYS_SIGNED_IN}

    @property
    def home(self) -> Home:
        """The home whose accounts may sign in."""
        home: Home = self.parent.home
        return home

    async def get_user(self, handler: Any) -> Visitor | None:
        """Name the visitor of a request, or ``None``: the cookie is valid and the account is still active."""
        seen = getattr(handler, "_jupyter_current_user", None)
        if seen is not None:
            return seen
        from_cookie = self.get_user_cookie(handler)
        if from_cookie is not None and await asyncio.to_thread(self.is_active, from_cookie.username):
            return from_cookie
        if handler.get_cookie(self.get_cookie_name(handler)) is not None:
            self.clear_login_cookie(handler)
        return None

    def is_active(self, name: str) -> bool:
        """Whether the account exists and is not disabled."""
        try:
            return not self.home.accounts.get(name).is_disabled
        except NotFoundError:
            return False

    def check_password(self, name: str, password: str, address: str) -> Visitor | None:
        """The visitor with this name and password; slow on purpose, call it in a thread.

        Raises:
            RateLimitedError: This address, or this address with this name, failed too often of late.
        """
        self._addresses.check(address)
        user = self.home.accounts.verify_password(name, password, source=address)
        if user is None:
            self._addresses.failed(address)
            return None
        return Visitor(username=user.name)

    def check_token(self, token: str) -> Visitor | None:
        """The visitor whom a link's token names; a token made as a sign-in link works once."""
        accounts = self.home.accounts
        try:
            user = accounts.authenticate(token)
        except AuthenticationError:
            return None
        for known in accounts.tokens(user.name):
            if known.name == SIGN_IN_LINK and token.startswith(known.prefix):
                accounts.revoke_token(known.id)
        return Visitor(username=user.name)

    def user_to_cookie(self, user: Visitor) -> str:
        """What the signed cookie says."""
        return json.dumps({"name": user.username})

    def user_from_cookie(self, cookie_value: str) -> Visitor | None:
        """Read what :meth:`user_to_cookie` wrote."""
        return Visitor(username=json.loads(cookie_value)["name"])
