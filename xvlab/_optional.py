"""Optional dependencies: imported where they are needed, explained when they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from xvlab.errors import MissingDependencyError


def require(module: str, *, extra: str) -> ModuleType:
    """Import and return a module of an optional extra.

    Args:
        module: Dotted import name, for example ``torch``.
        extra: The extra of xvlab that installs it, for example ``train``.

    Raises:
        MissingDependencyError: It is not installed; the message holds the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"{module} is not installed. Install it with: pip install 'xvlab[{extra}]'"
        raise MissingDependencyError(message) from error
