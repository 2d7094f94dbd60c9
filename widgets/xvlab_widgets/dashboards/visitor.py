"""Who looks at a page, and what of the home they may see: the first thing every dashboard asks."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import ipywidgets

from xvlab.errors import NotFoundError, PermissionDeniedError, XvlabError
from xvlab.workspace import Home, Workspace, open_home
from xvlab.workspace.accounts import Right, User

_TOKEN_SECONDS = 12 * 3600.0


@dataclass(frozen=True)
class Visitor:
    """A signed-in person on one page.

    Args:
        home: The open home.
        user: The account.
        workspace: The workspace that the address names, or the first one that is open to the account.
        task: Id or name of a task from the address; empty when it names none.
        model: Id of a model from the address; empty when it names none.
        job: Id of a job from the address; empty when it names none.
        api_url: Where the API answers.
    """

    home: Home
    user: User
    workspace: Workspace
    task: str
    model: str
    job: str
    api_url: str

    @cached_property
    def api_token(self) -> str:
        """A token for the API in this person's name; it ends by itself after 12 hours."""
        return self.home.accounts.create_token(self.user.name, name="dashboard", expires_in_seconds=_TOKEN_SECONDS)

    @property
    def may_write(self) -> bool:
        """Whether the account may change something here."""
        return self.home.accounts.may(self.user, self.workspace.id, "write")

    def show(self, page: Callable[..., Any], **keywords: Any) -> Any:
        """Build a page for this visitor, or the message that says why it cannot be built.

        Args:
            page: A page class of ``xvlab_widgets``, called with the workspace.
            keywords: Given to the page as they are.
        """
        try:
            return page(self.workspace, **keywords)
        except XvlabError as error:
            return TurnedAway(error.message).show(page)


@dataclass(frozen=True)
class TurnedAway:
    """Somebody who may not see this page.

    Args:
        reason: The sentence to show; it ends with what to do.
        task: Empty, as the rest: the apps read the same names of whoever comes.
        model: Empty.
        job: Empty.
        api_url: Empty.
        api_token: Empty.
        may_write: False.
    """

    reason: str
    task: str = ""
    model: str = ""
    job: str = ""
    api_url: str = ""
    api_token: str = ""
    may_write: bool = False

    def show(self, page: Callable[..., Any], **keywords: Any) -> Any:
        """Show the reason in place of the page."""
        del page, keywords
        reason = f"<h1>This page is not open to you</h1><p>{html.escape(self.reason)}</p>"
        way_out = '<p><a href="/voila/render/home.ipynb">Go to the home page</a></p>'
        return ipywidgets.HTML(f'<div class="xv-notice" role="alert">{reason}{way_out}</div>')


def visitor(*, right: Right = "write") -> Visitor | TurnedAway:
    """Wait until a person asks for this page (a preheated kernel starts before), then say who it is.

    Args:
        right: What an account must be allowed in the workspace to see this page.
    """
    _wait_for_request()
    try:
        return _identify(os.environ.get("HTTP_X_XVLAB_USER", ""), os.environ.get("QUERY_STRING", ""), right)
    except XvlabError as error:
        return TurnedAway(error.message)


def _identify(name: str, query: str, right: Right) -> Visitor:
    if not name:
        raise PermissionDeniedError("Nobody is signed in. Open this page through the dashboards: xvlab up")
    home = open_home(os.environ.get("XVLAB_HOME"))
    user = home.accounts.get(name)
    asked = {key: values[-1] for key, values in parse_qs(query).items()}
    return Visitor(
        home=home,
        user=user,
        workspace=_workspace(home, user, asked.get("workspace", ""), right),
        task=asked.get("task", ""),
        model=asked.get("model", ""),
        job=asked.get("job", ""),
        api_url=os.environ.get("XVLAB_API_URL", ""),
    )


def _workspace(home: Home, user: User, asked: str, right: Right) -> Workspace:
    mine = home.accounts.memberships(user.id)
    if not mine:
        raise PermissionDeniedError(f"No workspace is open to {user.name!r}. Ask the owner of one to add you.")
    try:
        workspace = home.workspace(asked or next(iter(mine)), user_id=user.id)
        home.accounts.require(user, workspace.id, right)
    except NotFoundError as error:  # the same answer for what is not there and what is not theirs
        raise NotFoundError(f"No workspace {asked!r} is open to {user.name!r}. Choose another one.") from error
    return workspace


def _wait_for_request() -> None:
    """Take over the request's variables once somebody asks for the page that this kernel was preheated for.

    Does what ``voila.utils.wait_for_request`` does, without importing the server into every page's kernel.
    """
    if os.environ.get("VOILA_PREHEAT") != "True":
        return
    from websockets.sync.client import connect

    address = os.environ.get("VOILA_APP_IP", "127.0.0.1")
    place = f"{address}:{os.environ['VOILA_APP_PORT']}{os.environ.get('VOILA_SERVER_URL', '/')}"
    with connect(f"ws://{place}voila/query/{os.environ['VOILA_KERNEL_ID']}", open_timeout=30) as socket:
        os.environ.update(json.loads(socket.recv()))
