"""The service layer: the only door of widgets, dashboards, the web API and the command line to everything below."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .home import Home, Workspace, WorkspaceInfo, open_home, open_workspace

__all__ = ["Home", "Workspace", "WorkspaceInfo", "open_home", "open_workspace"]


def __getattr__(name: str) -> Any:
    """Load the services when they are first used: they bring SQLAlchemy."""
    if name not in __all__:
        raise AttributeError(f"module 'xvlab.workspace' has no attribute {name!r}")
    return getattr(import_module("xvlab.workspace.home"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
