"""What every service of a workspace gets: the home, the workspace and on whose behalf it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xvlab._blobs import BlobStore
    from xvlab._database import Database
    from xvlab._settings import Settings

    from .home import Home


@dataclass(frozen=True, slots=True)
class WorkspaceContext:
    """One workspace as seen by a service.

    Attributes:
        home: The home that holds the workspace.
        workspace_id: Nothing outside this workspace is read or written.
        user_id: Author of what is done; ``None`` when nobody is logged in (scripts, imports).
    """

    home: Home
    workspace_id: str
    user_id: str | None = None

    @property
    def database(self) -> Database:
        """The home's database."""
        return self.home.database

    @property
    def blobs(self) -> BlobStore:
        """The home's blob store."""
        return self.home.blobs

    @property
    def settings(self) -> Settings:
        """The home's settings."""
        return self.home.settings
