"""``xvlab users``: accounts, tokens, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from .errors import OneLineErrors
from .init import read_password
from .options import HomeOption, JsonOption, WorkspaceOption, opened_home
from .output import print_rows

if TYPE_CHECKING:
    from xvlab.workspace.accounts import Role


app = typer.Typer(
    cls=OneLineErrors, help="Accounts, tokens and roles; alone it lists the accounts.", rich_markup_mode=None
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")]
RoleOption = Annotated[str, typer.Option("--role", help="owner, editor or viewer.")]
PasswordOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.callback(invoke_without_command=True)
def list_users(ctx: typer.Context, home: HomeOption = None, json: JsonOption = False) -> None:
    """List the accounts with their roles."""
    if ctx.invoked_subcommand is None:
        _print_users(home, json)


@app.command("list")
def list_users_too(home: HomeOption = None, json: JsonOption = False) -> None:
    """List the accounts with their roles."""
    _print_users(home, json)


@app.command("create")
def create(
    name: NameArgument,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    role: RoleOption = "editor",
    password_stdin: PasswordOption = False,
) -> None:
    """Make an account, with a password that is printed once."""
    from xvlab.workspace.passwords import generate_password

    chosen = _role(role)
    password = read_password() if password_stdin else generate_password()
    with opened_home(home) as opened:
        target = opened.workspace(workspace).id
        opened.accounts.create_user(name, password)
        opened.accounts.add_member(target, name, chosen)
    if not password_stdin:
        print(f"Password: {password}   (shown only now)")


@app.command("password")
def password(name: NameArgument, home: HomeOption = None, password_stdin: PasswordOption = False) -> None:
    """Give an account a new password, which is printed once."""
    from xvlab.workspace.passwords import generate_password

    chosen = read_password() if password_stdin else generate_password()
    with opened_home(home) as opened:
        opened.accounts.set_password(name, chosen)
    if not password_stdin:
        print(f"Password: {chosen}   (shown only now)")


@app.command("token")
def token(
    name: NameArgument,
    home: HomeOption = None,
    purpose: Annotated[str, typer.Option("--purpose", help="What the token is for, to recognise it by.")] = "",
    days: Annotated[float | None, typer.Option("--days", help="Let it expire after so many days.")] = None,
) -> None:
    """Make an API token and print it, and nothing else."""
    with opened_home(home) as opened:
        expires = days * 86_400 if days is not None else None
        print(opened.accounts.create_token(name, name=purpose, expires_in_seconds=expires))


@app.command("tokens")
def tokens(name: NameArgument, home: HomeOption = None, json: JsonOption = False) -> None:
    """List the tokens of an account by their first characters."""
    with opened_home(home) as opened:
        rows = [
            {
                "id": token.id,
                "starts_with": token.prefix,
                "purpose": token.name,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "revoked_at": token.revoked_at,
            }
            for token in opened.accounts.tokens(name)
        ]
    print_rows(rows, as_json=json, empty="No tokens. Make one with: xvlab users token NAME")


@app.command("revoke")
def revoke(token_id: Annotated[str, typer.Argument(metavar="TOKEN-ID")], home: HomeOption = None) -> None:
    """End a token at once; ``xvlab users tokens NAME`` shows the ids."""
    with opened_home(home) as opened:
        opened.accounts.revoke_token(token_id)


@app.command("role")
def role(
    name: NameArgument,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="owner, editor, viewer or none.")],
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
) -> None:
    """Give an account a role in a workspace, or none any more."""
    with opened_home(home) as opened:
        target = opened.workspace(workspace).id
        if role == "none":
            opened.accounts.remove_member(target, name)
        else:
            opened.accounts.add_member(target, name, _role(role))


@app.command("disable")
def disable(name: NameArgument, home: HomeOption = None) -> None:
    """Shut an account out; what it made stays."""
    with opened_home(home) as opened:
        opened.accounts.disable(name)


@app.command("enable")
def enable(name: NameArgument, home: HomeOption = None) -> None:
    """Let an account in again."""
    with opened_home(home) as opened:
        opened.accounts.enable(name)


def _role(text: str) -> Role:
    from xvlab.workspace.accounts import Role

    if text in get_args(Role):
        return cast("Role", text)
    raise typer.BadParameter(f"expected one of {', '.join(get_args(Role))}, got {text!r}", param_hint="role")


def _print_users(home: HomeOption, as_json: bool) -> None:
    with opened_home(home) as opened:
        names = {info.id: info.name for info in opened.workspaces()}
        rows = []
        for user in opened.accounts.list():
            roles = opened.accounts.memberships(user.id).items()
            text = ", ".join(f"{names.get(workspace, workspace)}: {role}" for workspace, role in roles)
            rows.append({"name": user.name, "roles": text, "disabled": user.is_disabled, "created_at": user.created_at})
    print_rows(rows, as_json=as_json, empty="No accounts. Make the first with: xvlab init")
