"""The home: one folder (or database and blob store by URL) with all workspaces; and a workspace with its services."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from xvlab._blobs import BlobStore, open_blobs
from xvlab._database import Database, migrate, open_database
from xvlab._database.tables import WorkspaceRow
from xvlab._settings import Settings, load_settings
from xvlab.errors import AlreadyExistsError, ConfigurationError, NotFoundError

from .context import WorkspaceContext
from .labels import check_name

if TYPE_CHECKING:
    from .accounts import Accounts
    from .annotations import Annotations
    from .images import Images
    from .imports import Imports
    from .jobs import Jobs
    from .labels import Labels
    from .live import Live
    from .models import Models
    from .snapshots import Snapshots
    from .tasks import Tasks

DEFAULT_WORKSPACE = "Default"


@dataclass(frozen=True, slots=True)
class WorkspaceInfo:
    """A workspace in a list."""

    id: str
    name: str
    created_at: datetime


class Home:
    """Everything of one installation; ``with open_home(folder) as home`` closes it at the end.

    Attributes:
        settings: As loaded from the environment and ``xvlab.toml``.
        database: Tables.
        blobs: Bytes by their hash.
    """

    def __init__(self, settings: Settings, database: Database, blobs: BlobStore) -> None:
        self.settings = settings
        self.database = database
        self.blobs = blobs

    @cached_property
    def accounts(self) -> Accounts:
        """Users, passwords, tokens and members."""
        from .accounts import Accounts

        return Accounts(self)

    def workspace(self, name_or_id: str = DEFAULT_WORKSPACE, *, user_id: str | None = None) -> Workspace:
        """Return a workspace by its id or name; ``user_id`` becomes the author of what is done through it.

        Raises:
            NotFoundError: No workspace has this id or name.
        """
        wanted = or_(WorkspaceRow.id == name_or_id, WorkspaceRow.name == name_or_id)
        with self.database.read() as session:
            rows = session.scalars(select(WorkspaceRow).where(wanted)).all()
        if not rows:
            known = ", ".join(info.name for info in self.workspaces()[:20])
            raise NotFoundError(f"No workspace is called {name_or_id!r}. Choose one of: {known}.")
        row = next((row for row in rows if row.id == name_or_id), rows[0])
        return Workspace(WorkspaceContext(self, row.id, user_id), row.name)

    def workspaces(self) -> list[WorkspaceInfo]:
        """List all workspaces, oldest first."""
        with self.database.read() as session:
            rows = session.scalars(select(WorkspaceRow).order_by(WorkspaceRow.created_at, WorkspaceRow.id)).all()
        return [WorkspaceInfo(row.id, row.name, row.created_at) for row in rows]

    def create_workspace(self, name: str, *, user_id: str | None = None) -> Workspace:
        """Make an empty workspace.

        Raises:
            InvalidInputError: The name is empty, longer than 200 characters, or holds control characters.
            AlreadyExistsError: There is one of this name.
        """
        name = check_name(name, longest=200)
        row = WorkspaceRow(name=name)
        try:
            with self.database.write() as session:
                session.add(row)
        except IntegrityError as error:
            existing = self.workspace(name)
            message = f"There is a workspace called {name!r} already. Choose another name."
            raise AlreadyExistsError(message, existing_id=existing.id) from error
        return Workspace(WorkspaceContext(self, row.id, user_id), row.name)

    def close(self) -> None:
        """Close the database's connections."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Workspace:
    """One workspace: its services are attributes. Nothing of another workspace is ever returned or changed."""

    def __init__(self, context: WorkspaceContext, name: str) -> None:
        self.context = context
        self.name = name

    def __repr__(self) -> str:
        return f"Workspace({self.name!r}, id={self.id!r})"

    @property
    def id(self) -> str:
        """Id of the workspace."""
        return self.context.workspace_id

    @property
    def home(self) -> Home:
        """The home that holds it."""
        return self.context.home

    @property
    def user_id(self) -> str | None:
        """Author of what is done through this object."""
        return self.context.user_id

    @cached_property
    def labels(self) -> Labels:
        """Categories, tags, values and box labels."""
        from .labels import Labels

        return Labels(self.context)

    @cached_property
    def tasks(self) -> Tasks:
        """Problems with their labels and training options."""
        from .tasks import Tasks

        return Tasks(self.context)

    @cached_property
    def images(self) -> Images:
        """Stored pictures."""
        from .images import Images

        return Images(self.context)

    @cached_property
    def annotations(self) -> Annotations:
        """Labels on images, exclusions, and what is left to label."""
        from .annotations import Annotations

        return Annotations(self.context)

    @cached_property
    def imports(self) -> Imports:
        """Folders, CSV files, zip archives and IDX files taken in."""
        from .imports import Imports

        return Imports(self.context)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Immutable lists of what a training run sees."""
        from .snapshots import Snapshots

        return Snapshots(self.context)

    @cached_property
    def jobs(self) -> Jobs:
        """Training and evaluation runs."""
        from .jobs import Jobs

        return Jobs(self.context)

    @cached_property
    def models(self) -> Models:
        """Trained versions of the tasks."""
        from .models import Models

        return Models(self.context)

    @cached_property
    def live(self) -> Live:
        """Answers of the models in production, in this process."""
        from .live import Live

        return Live(self.context)


def open_home(path: Path | str | None = None) -> Home:
    """Open a home folder, making it (readable by its owner only), its tables and the workspace "Default" where missing.

    Args:
        path: The folder; ``None`` takes ``XVLAB_HOME`` or ``~/.xvlab``.

    Raises:
        ConfigurationError: A setting is wrong, or the folder cannot be used.
    """
    settings = load_settings(path)
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if settings.home.stat().st_uid == os.getuid():
            settings.home.chmod(0o700)
    except OSError as error:
        message = f"Cannot use {settings.home} as home ({error.strerror}). Choose another with --home or XVLAB_HOME."
        raise ConfigurationError(message) from error
    database = open_database(settings.effective_database_url)
    migrate(database)
    home = Home(settings, database, open_blobs(settings.effective_blob_url))
    if not home.workspaces():
        _make_default_workspace(home)
    return home


def open_workspace(name: str = DEFAULT_WORKSPACE, *, home: Path | str | None = None) -> Workspace:
    """Open a workspace of a home in one step, as a notebook does.

    Raises:
        NotFoundError: The home has no workspace of this name.
    """
    return open_home(home).workspace(name)


def _make_default_workspace(home: Home) -> None:
    """Make the first workspace; another process may do it at the same moment, which is as good."""
    try:
        home.create_workspace(DEFAULT_WORKSPACE)
    except AlreadyExistsError:
        return
