"""What all widgets share: strict keywords, errors where they are seen, no name that ipywidgets needs itself."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import ipywidgets
import pytest

import xvlab_widgets
from xvlab.workspace import Workspace
from xvlab_widgets._base import XvBox, XvWidget

from .conftest import Shop


def widget_classes() -> list[type[Any]]:
    """Every class of this package that the browser sees, the inner ones too."""
    for name in xvlab_widgets.__all__:
        getattr(xvlab_widgets, name)
    found, left = [], [XvWidget, XvBox]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if kind.__module__.startswith("xvlab_widgets.") and kind not in found:
            found.append(kind)
    return found


@pytest.mark.parametrize("name", xvlab_widgets.__all__)
def test_public_names_are_widgets_with_a_docstring(name: str) -> None:
    kind = getattr(xvlab_widgets, name)
    assert issubclass(kind, ipywidgets.DOMWidget)
    assert "Args:" in (kind.__doc__ or "") or kind.__mro__[1].__module__.startswith("xvlab_widgets")


@pytest.mark.parametrize("kind", widget_classes(), ids=lambda kind: kind.__name__)
def test_no_class_hides_a_name_of_ipywidgets(kind: type[Any]) -> None:
    own = {name for base in kind.__mro__ if base.__module__.startswith("xvlab_widgets") for name in vars(base)}
    theirs = {name for name in dir(ipywidgets.VBox) if not name.startswith("__")}
    made_by_traitlets = set(vars(type("Plain", (ipywidgets.VBox,), {})))
    assert own & theirs - made_by_traitlets <= {"close"}


@pytest.mark.parametrize("name", ["Gallery", "TaskPicker", "HomePage", "RunMonitor", "TestPage"])
def test_misspelt_keywords_are_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword 'widht'"):
        getattr(xvlab_widgets, name)(workspace, widht="3px")


def test_layout_keywords_are_passed_on(workspace: Workspace) -> None:
    assert xvlab_widgets.Gallery(workspace, layout={"width": "300px"}).layout.width == "300px"


def test_unknown_names_of_the_package() -> None:
    with pytest.raises(AttributeError, match="Galery"):
        _ = xvlab_widgets.Galery


def test_an_unexpected_failure_is_shown_and_logged(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    gallery = xvlab_widgets.Gallery(shop.workspace, shop.task)
    gallery.workspace = None
    gallery.handle({"action": "open", "image_id": shop.images[0].id})
    assert "AttributeError" in gallery.error
    assert "Gallery failed" in caplog.text


def test_a_dashboards_kernel_stays_small() -> None:
    code = (
        "import sys, xvlab_widgets; [getattr(xvlab_widgets, name) for name in xvlab_widgets.__all__];"
        "heavy = ('torch', 'plotly', 'ipyannotations', 'pandas', 'sklearn', 'fastapi');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
