from __future__ import annotations

import inspect

import ipywidgets
import pytest

import xvlab_widgets

_FRONT_END_NEEDS = ("model_id", "comm", "keys", "widget_types", "get_view_spec")


@pytest.mark.parametrize("name", xvlab_widgets.__all__)
@pytest.mark.parametrize("attribute", _FRONT_END_NEEDS)
def test_no_widget_hides_what_ipywidgets_tells_the_browser(name: str, attribute: str) -> None:
    """A parent names its children by ``model_id``; a trait of that name leaves "widget model not found" on the page."""
    widget = getattr(xvlab_widgets, name)
    own = inspect.getattr_static(widget, attribute)
    assert own is inspect.getattr_static(ipywidgets.DOMWidget, attribute)
