"""Who asks, and what is open to them: token to user, workspace names and ids to workspaces."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from xvlab.errors import AuthenticationError, NotFoundError, PermissionDeniedError
from xvlab.workspace import Home, Workspace
from xvlab.workspace.accounts import Right, User
from xvlab.workspace.locate import Noun, workspace_of
from xvlab.workspace.throttle import FailureThrottle

DEFAULT_WORKSPACE = "Default"


class Visitor:
    """The user behind a request, and the workspaces they may enter."""

    def __init__(self, home: Home, user: User) -> None:
        self.home = home
        self.user = user

    def workspace(self, reference: str | None, right: Right) -> Workspace:
        """Return the workspace that a request names.

        Args:
            reference: Its id, its name, or nothing for the user's default.
            right: What the request is going to do.

        Raises:
            NotFoundError: It is not there, or not open to this user.
            PermissionDeniedError: The user is in no workspace, or has not this right.
        """
        memberships = self.home.accounts.memberships(self.user.id)
        if not memberships:
            raise PermissionDeniedError(f"{self.user.name!r} is in no workspace. Ask an owner to be added to one.")
        names = {info.name: info.id for info in self.home.workspaces() if info.id in memberships}
        if reference in (None, "", DEFAULT_WORKSPACE):
            chosen = names.get(DEFAULT_WORKSPACE, next(iter(memberships)))
        else:
            chosen = names.get(str(reference), str(reference))
        return self._open(chosen, right, f"No workspace {reference!r} is open to {self.user.name!r}.")

    def locate(self, noun: Noun, entity_id: str, right: Right) -> Workspace:
        """Return the workspace that holds an entity; clients name no workspace in an entity's address.

        Raises:
            NotFoundError: Nothing has this id in any workspace that is open to this user.
        """
        missing = f"No {noun} has the id {entity_id!r}."
        workspace_id = workspace_of(self.home, noun, entity_id)
        if workspace_id is None:
            raise NotFoundError(f"{missing} Check the id.")
        return self._open(workspace_id, right, missing)

    def _open(self, workspace_id: str, right: Right, missing: str) -> Workspace:
        if not self.home.accounts.may(self.user, workspace_id, "read"):
            raise NotFoundError(f"{missing} Check the id.")
        self.home.accounts.require(self.user, workspace_id, right)
        return self.home.workspace(workspace_id, user_id=self.user.id)


def visitor(request: Request) -> Visitor:
    """Authenticate a request by its ``Authorization`` header.

    Raises:
        AuthenticationError: No token came, or it is not good.
        RateLimitedError: This address sent too many wrong tokens of late.
    """
    home: Home = request.app.state.home
    throttle: FailureThrottle = request.app.state.throttle
    source = request.client.host if request.client else ""
    try:
        return Visitor(home, home.accounts.authenticate(_token(request)))
    except AuthenticationError:
        throttle.check(source)
        throttle.failed(source)
        raise


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("token", "bearer", "jwt") or not token.strip():
        raise AuthenticationError("Expected a header 'Authorization: Token …'. Make one with: xvlab users token NAME")
    return token.strip()


VisitorNeeded = Annotated[Visitor, Depends(visitor)]
