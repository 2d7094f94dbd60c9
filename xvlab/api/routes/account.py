"""Who the token belongs to, and which workspaces are open to it."""

from __future__ import annotations

from fastapi import APIRouter

from xvlab.api.answers import UserAnswer, WorkspaceAnswer
from xvlab.api.requests import AuthorizeRequest
from xvlab.api.visitor import Visitor, VisitorNeeded
from xvlab.errors import PermissionDeniedError

router = APIRouter(tags=["account"])


@router.post("/authorization/v2/authorize", summary="Check a token")
@router.post("/account/v2/authorize", summary="Check a token", include_in_schema=False)
def authorize(visitor: VisitorNeeded, body: AuthorizeRequest | None = None) -> UserAnswer:
    """Answer with the account behind the token; clients look for ``user_id``."""
    del body
    return _account(visitor)


@router.get("/account/v2/details", summary="Describe the account behind the token")
@router.get("/account/v2/user", summary="Describe the account behind the token", include_in_schema=False)
def details(visitor: VisitorNeeded) -> UserAnswer:
    """Answer with name, id and workspaces."""
    return _account(visitor)


@router.get("/account/v2/workspace", summary="List the workspaces that are open to the token")
def workspaces(visitor: VisitorNeeded) -> list[WorkspaceAnswer]:
    """Answer with a plain list."""
    return _account(visitor).workspaces


def _account(visitor: Visitor) -> UserAnswer:
    memberships = visitor.home.accounts.memberships(visitor.user.id)
    try:
        default: str | None = visitor.workspace(None, "read").id
    except PermissionDeniedError:
        default = None
    open_to_them = [
        WorkspaceAnswer(id=info.id, name=info.name, role=memberships[info.id], is_default=info.id == default)
        for info in visitor.home.workspaces()
        if info.id in memberships
    ]
    user = visitor.user
    return UserAnswer(id=user.id, user_id=user.id, name=user.name, default_workspace=default, workspaces=open_to_them)
