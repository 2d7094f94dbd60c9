"""``xvlab init``: make a home with its first account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .options import HomeOption, WorkspaceOption, opened_home

if TYPE_CHECKING:
    from xvlab.workspace import Home

OWNER = "owner"
PasswordOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def init(
    home: HomeOption = None, workspace: WorkspaceOption = "Default", password_stdin: PasswordOption = False
) -> None:
    """Make the home, a workspace, and the user "owner" with a password that is printed once."""
    with opened_home(home) as opened:
        password = ensure_owner(opened, workspace, read_password() if password_stdin else None)
        print(f"Home: {opened.settings.home}")
        if password is None:
            print(f"The user {OWNER!r} is there already. A new password: xvlab users password {OWNER}")
        elif password_stdin:
            print(f"User {OWNER!r} made.")
        else:
            print(f"User: {OWNER}\nPassword: {password}   (shown only now)")
        print("Start everything with: xvlab up")


def ensure_owner(home: Home, workspace: str = "Default", password: str | None = None) -> str | None:
    """Make the owner and the workspace where missing; return the password when the owner was made now."""
    from xvlab.workspace.passwords import generate_password

    accounts = home.accounts
    made = None
    if OWNER not in {user.name for user in accounts.list()}:
        made = password or generate_password()
        accounts.create_user(OWNER, made)
    names = {info.name: info.id for info in home.workspaces()}
    if workspace not in names:
        names[workspace] = home.create_workspace(workspace).id
    accounts.add_member(names[workspace], OWNER, "owner")
    return made


def read_password() -> str:
    """Read one line from standard input."""
    return sys.stdin.readline().rstrip("\r\n")
