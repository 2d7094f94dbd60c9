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
    from xvlab_widgets.confusion_matrix import ConfusionMatrix
    from xvlab_widgets.evaluated_images import EvaluatedImages
    from xvlab_widgets.failed_images import FailedImages
    from xvlab_widgets.gallery import Gallery
    from xvlab_widgets.home_page import HomePage
    from xvlab_widgets.image_upload import ImageUpload
    from xvlab_widgets.ipyannotations_queue import IpyannotationsQueue
    from xvlab_widgets.model_versions import ModelVersions
    from xvlab_widgets.pages import AnnotatePage, EvaluatePage, TestPage, TrainPage
    from xvlab_widgets.run_monitor import RunMonitor
    from xvlab_widgets.task_picker import TaskPicker
    from xvlab_widgets.test_panel import TestPanel
    from xvlab_widgets.train_launcher import TrainLauncher

__all__ = [
    "AnnotatePage",
    "ClassLabeller",
    "ConfusionMatrix",
    "EvaluatePage",
    "EvaluatedImages",
    "FailedImages",
    "Gallery",
    "HomePage",
    "ImageUpload",
    "IpyannotationsQueue",
    "ModelVersions",
    "RunMonitor",
    "TaskPicker",
    "TestPage",
    "TestPanel",
    "TrainLauncher",
    "TrainPage",
]

_MODULES = {
    "AnnotatePage": "pages",
    "ClassLabeller": "class_labeller",
    "ConfusionMatrix": "confusion_matrix",
    "EvaluatePage": "pages",
    "EvaluatedImages": "evaluated_images",
    "FailedImages": "failed_images",
    "Gallery": "gallery",
    "HomePage": "home_page",
    "ImageUpload": "image_upload",
    "IpyannotationsQueue": "ipyannotations_queue",
    "ModelVersions": "model_versions",
    "RunMonitor": "run_monitor",
    "TaskPicker": "task_picker",
    "TestPage": "pages",
    "TestPanel": "test_panel",
    "TrainLauncher": "train_launcher",
    "TrainPage": "pages",
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
