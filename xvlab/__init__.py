"""xvlab: collect and label images, train, evaluate and serve vision models inside Jupyter, on a machine of yours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xvlab._version import __version__

if TYPE_CHECKING:
    from xvlab.tasks import TrainConfig
    from xvlab.workspace import Home, Workspace, open_home, open_workspace

__all__ = ["Home", "TrainConfig", "Workspace", "__version__", "open_home", "open_workspace"]

_WHERE = {
    "Home": "xvlab.workspace",
    "TrainConfig": "xvlab.tasks",
    "Workspace": "xvlab.workspace",
    "open_home": "xvlab.workspace",
    "open_workspace": "xvlab.workspace",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``import xvlab`` stays light."""
    if name not in _WHERE:
        raise AttributeError(f"module 'xvlab' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
