"""Widgets of xvlab for JupyterLab and Voilà: label, train, evaluate, try. Each takes a workspace and shows itself.

from xvlab.workspace import open_workspace
from xvlab_widgets import ClassLabeller
ClassLabeller(open_workspace(), "shirts or shoes")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xvlab.errors import MissingDependencyError

if TYPE_CHECKING:
    from xvlab_widgets.class_labeller import ClassLabeller
    from xvlab_widgets.gallery import Gallery
    from xvlab_widgets.pages import AnnotatePage
    from xvlab_widgets.task_picker import TaskPicker

__all__ = ["AnnotatePage", "ClassLabeller", "Gallery", "TaskPicker"]

_MODULES = {
    "AnnotatePage": "pages",
    "ClassLabeller": "class_labeller",
    "Gallery": "gallery",
    "TaskPicker": "task_picker",
}


def __getattr__(name: str) -> Any:
    """Import a widget when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as missing:
        if missing.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        message = f"{name} needs {missing.name}. Install it with: pip install 'xvlab[notebook]'"
        raise MissingDependencyError(message) from missing


def __dir__() -> list[str]:
    return sorted(__all__)
