"""Accounts of a home: users with passwords, API tokens, and who may do what in which workspace."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from xvlab._clock import utc_now
from xvlab._database.tables import MemberRow, TokenRow, UserRow, WorkspaceRow
from xvlab.errors import (
    AlreadyExistsError,
    AuthenticationError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)

from .passwords import check_password, hash_password
from .secret_key import SecretKey, load_secret_key
from .throttle import FailureThrottle

if TYPE_CHECKING:
    from .home import Home

Role = Literal["owner", "editor", "viewer"]
Right = Literal["read", "write", "manage"]
ROLES: tuple[Role, ...] = get_args(Role)
_RIGHTS: dict[str, frozenset[Right]] = {
    "owner": frozenset({"read", "write", "manage"}),
    "editor": frozenset({"read", "write"}),
    "viewer": frozenset({"read"}),
}
_TOKEN_START = "xv_"  # noqa: S105 - marks our tokens for secret scanners, is no secret
_SHOWN_TOKEN_CHARACTERS = 8
SIGN_IN_LINK = "sign-in link"
"""A token of this name signs in to the dashboards once, and is then withdrawn."""


@dataclass(frozen=True, slots=True)
class User:
    """An account; the dashboards' login and the API's tokens belong to one."""

    id: str
    name: str
    created_at: datetime
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is kept; its text is shown only once, when it is made."""

    id: str
    user_id: str
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a workspace."""

    workspace_id: str
    user_id: str
    role: Role


class Accounts:
    """Users, tokens and members of one home.

    Args:
        home: The home whose database and secret are used.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._throttle = FailureThrottle(limit=10, window_seconds=60.0)

    @cached_property
    def secret_key(self) -> SecretKey:
        """The home's secret; made when it is first needed."""
        return load_secret_key(self._home.settings.home)

    def create_user(self, name: str, password: str | None = None) -> User:
        """Make an account; without password it can only use tokens.

        Raises:
            InvalidInputError: The name or the password is not fit.
            AlreadyExistsError: Somebody has this name.
        """
        name = name.strip()
        if not name or len(name) > 200 or not name.isprintable():
            raise InvalidInputError(
                f"Expected a name of 1 to 200 characters, got {name!r}. Choose another.", field="name"
            )
        row = UserRow(name=name, password_hash=hash_password(password) if password is not None else "")
        try:
            with self._home.database.write() as session:
                session.add(row)
                session.flush()
        except IntegrityError as error:
            message = f"A user called {name!r} is there already. Choose another name."
            raise AlreadyExistsError(message, existing_id=self.get(name).id) from error
        return _user(row)

    def get(self, name_or_id: str) -> User:
        """Return a user by name or id.

        Raises:
            NotFoundError: Nobody is called so.
        """
        with self._home.database.read() as session:
            return _user(_find_user(session, name_or_id))

    def list(self) -> tuple[User, ...]:
        """Return all users by name."""
        with self._home.database.read() as session:
            return tuple(_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name)))

    def set_password(self, name: str, password: str) -> None:
        """Replace the password of a user."""
        hashed = hash_password(password)
        with self._home.database.write() as session:
            _find_user(session, name).password_hash = hashed

    def disable(self, name: str) -> User:
        """Shut an account out; what it made stays."""
        with self._home.database.write() as session:
            row = _find_user(session, name)
            row.disabled_at = utc_now()
            return _user(row)

    def enable(self, name: str) -> User:
        """Let an account in again."""
        with self._home.database.write() as session:
            row = _find_user(session, name)
            row.disabled_at = None
            return _user(row)

    def verify_password(self, name: str, password: str, *, source: str = "") -> User | None:
        """Return the user when name and password are right, else ``None``.

        Args:
            name: Name of the account.
            password: What was typed.
            source: Where it comes from, for example a network address; failures are counted by it and the name.

        Raises:
            RateLimitedError: This source failed too often of late.
        """
        key = f"{source}|{name}"
        self._throttle.check(key)
        with self._home.database.read() as session:
            row = session.scalar(select(UserRow).where(UserRow.name == name))
        if check_password(password, row.password_hash if row else "") and row and row.disabled_at is None:
            self._throttle.succeeded(key)
            return _user(row)
        self._throttle.failed(key)
        return None

    def create_token(self, user_name: str, *, name: str = "", expires_in_seconds: float | None = None) -> str:
        """Make an API token and return its text (46 characters), which is not kept anywhere."""
        text = f"{_TOKEN_START}{secrets.token_urlsafe(32)}"
        now = utc_now()
        with self._home.database.write() as session:
            row = TokenRow(
                user_id=_find_user(session, user_name).id,
                name=name,
                prefix=text[:_SHOWN_TOKEN_CHARACTERS],
                digest=self.secret_key.digest("token", text),
                created_at=now,
                expires_at=now + timedelta(seconds=expires_in_seconds) if expires_in_seconds is not None else None,
            )
            session.add(row)
        return text

    def authenticate(self, token: str) -> User:
        """Return the user of a token.

        Raises:
            AuthenticationError: The token is unknown, expired or revoked, or its account is shut out.
        """
        query = (
            select(UserRow, TokenRow)
            .join(TokenRow, TokenRow.user_id == UserRow.id)
            .where(TokenRow.digest == self.secret_key.digest("token", token), TokenRow.revoked_at.is_(None))
        )
        with self._home.database.read() as session:
            found = session.execute(query).first()
        if found is None:
            raise AuthenticationError("This token is not known. Make one with: xvlab users token NAME")
        user, row = found
        if row.expires_at is not None and row.expires_at <= utc_now():
            raise AuthenticationError("This token has expired. Make a new one with: xvlab users token NAME")
        if user.disabled_at is not None:
            raise AuthenticationError("This account is shut out. Ask an owner of the workspace.")
        return _user(user)

    def tokens(self, user_name: str) -> tuple[Token, ...]:
        """Return the tokens of a user, newest first."""
        with self._home.database.read() as session:
            user = _find_user(session, user_name)
            query = select(TokenRow).where(TokenRow.user_id == user.id).order_by(TokenRow.created_at.desc())
            return tuple(_token(row) for row in session.scalars(query))

    def revoke_token(self, token_id: str) -> None:
        """End a token at once.

        Raises:
            NotFoundError: No token has this id.
        """
        with self._home.database.write() as session:
            row = session.get(TokenRow, token_id)
            if row is None:
                raise NotFoundError(f"No token has the id {token_id!r}. List them with: xvlab users tokens NAME")
            row.revoked_at = row.revoked_at or utc_now()

    def add_member(self, workspace_id: str, user_name: str, role: Role) -> Member:
        """Give a user a role in a workspace; an earlier role is replaced.

        Raises:
            InvalidInputError: The role is not known.
            NotFoundError: The user or the workspace is not there.
        """
        if role not in ROLES:
            raise InvalidInputError(f"Expected a role of {', '.join(ROLES)}, got {role!r}. Choose one.", field="role")
        with self._home.database.write() as session:
            if session.get(WorkspaceRow, workspace_id) is None:
                raise NotFoundError(f"No workspace has the id {workspace_id!r}. Check the id.")
            user = _find_user(session, user_name)
            session.merge(MemberRow(workspace_id=workspace_id, user_id=user.id, role=role, created_at=utc_now()))
            return Member(workspace_id, user.id, role)

    def remove_member(self, workspace_id: str, user_name: str) -> None:
        """Take a user out of a workspace; nothing happens when it is not in."""
        with self._home.database.write() as session:
            user = _find_user(session, user_name)
            session.execute(
                delete(MemberRow).where(MemberRow.workspace_id == workspace_id, MemberRow.user_id == user.id)
            )

    def memberships(self, user_id: str) -> dict[str, Role]:
        """Return workspace id to role for one user, in the order in which the workspaces were made."""
        query = (
            select(MemberRow)
            .join(WorkspaceRow, WorkspaceRow.id == MemberRow.workspace_id)
            .where(MemberRow.user_id == user_id)
            .order_by(WorkspaceRow.created_at, WorkspaceRow.id)
        )
        with self._home.database.read() as session:
            return {row.workspace_id: _role(row.role) for row in session.scalars(query)}

    def may(self, user: User, workspace_id: str, right: Right) -> bool:
        """Tell whether a user has a right in a workspace; whoever is not a member has none."""
        with self._home.database.read() as session:
            row = session.get(MemberRow, (workspace_id, user.id))
        return row is not None and right in _RIGHTS[_role(row.role)]

    def require(self, user: User, workspace_id: str, right: Right) -> None:
        """Do nothing when the user has the right.

        Raises:
            NotFoundError: The user is not a member, so the workspace does not exist for it.
            PermissionDeniedError: The user is a member without this right.
        """
        if not self.may(user, workspace_id, "read"):
            raise NotFoundError(f"No workspace {workspace_id!r} is open to {user.name!r}. Ask its owner to be added.")
        if not self.may(user, workspace_id, right):
            raise PermissionDeniedError(
                f"{user.name!r} may not {right} in this workspace. Ask its owner for more rights."
            )


def _find_user(session: Session, name_or_id: str) -> UserRow:
    row = session.scalar(select(UserRow).where(UserRow.name == name_or_id)) or session.get(UserRow, name_or_id)
    if row is None:
        raise NotFoundError(f"No user is called {name_or_id!r}. List them with: xvlab users list")
    return row


def _role(text: str) -> Role:
    for role in ROLES:
        if role == text:
            return role
    return "viewer"  # a role of a newer version gives the least


def _user(row: UserRow) -> User:
    return User(row.id, row.name, row.created_at, row.disabled_at is not None)


def _token(row: TokenRow) -> Token:
    return Token(row.id, row.user_id, row.name, row.prefix, row.created_at, row.expires_at, row.revoked_at)
