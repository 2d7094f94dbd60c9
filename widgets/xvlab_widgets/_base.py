"""What every widget shares: strict keywords, messages from the browser, and errors shown where the user looks.

A widget keeps its state in the store and in plain Python attributes. Its synced traits are only what the browser
draws, because a browser may set any synced trait to anything; nothing is ever read back from them to decide
something, except where a trait's comment says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import anywidget
import ipywidgets
import traitlets

from xvlab.errors import InvalidInputError, XvlabError
from xvlab_widgets._messages import Message

STATIC = Path(__file__).parent / "static"

_log = logging.getLogger(__name__)
_Handler = TypeVar("_Handler", bound=Callable[..., None])


def action(name: str) -> Callable[[_Handler], _Handler]:
    """Mark a method as what answers the browser's action ``name``; it takes one :class:`Message`."""

    def mark(method: _Handler) -> _Handler:
        method.xv_action = name  # type: ignore[attr-defined]
        return method

    return mark


def refuse_unknown(widget_class: type[ipywidgets.DOMWidget], keywords: Mapping[str, object]) -> None:
    """Refuse misspelt keywords, which ipywidgets would swallow.

    Raises:
        TypeError: A keyword is no public trait of the class.
    """
    known = {name for name in widget_class.class_traits() if not name.startswith("_")}
    for name in keywords:
        if name not in known:
            raise TypeError(f"{widget_class.__name__} got an unexpected keyword {name!r}. Check its spelling.")


def close_children(box: ipywidgets.Box) -> None:
    """Close what lies in a box, at any depth."""
    for child in box.children:
        if isinstance(child, ipywidgets.Box) and not isinstance(child, XvBox):
            close_children(child)
        child.close()


class ErrorReporting(traitlets.HasTraits):
    """A trait that holds the message of the last failure, and the block that fills it."""

    #: Message of the last failure, for people; empty when all is well.
    error = traitlets.Unicode("").tag(sync=True)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Show what fails inside the block under the widget instead of raising it."""
        try:
            yield
        except XvlabError as problem:
            self.error = problem.message
        except Exception as problem:  # noqa: BLE001 - a person sees it under the widget
            _log.exception("%s failed", type(self).__name__)
            self.error = f"This did not work ({type(problem).__name__}: {problem}). Try again; the log has the details."


class XvWidget(ErrorReporting, anywidget.AnyWidget):
    """Base of widgets with a browser half of their own.

    Args:
        layout: Traits of ``DOMWidget``, for example ``layout``; anything unknown is refused.
    """

    _actions: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        members = ((name, member) for base in reversed(cls.__mro__) for name, member in vars(base).items())
        cls._actions = {member.xv_action: name for name, member in members if hasattr(member, "xv_action")}

    def __init__(self, **layout: Any) -> None:
        refuse_unknown(type(self), layout)
        super().__init__(**layout)
        self.add_class("xv")
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: object, buffers: Sequence[bytes | memoryview]) -> None:
        self.handle(content if isinstance(content, dict) else {}, buffers)

    def handle(self, content: Mapping[str, Any], buffers: Sequence[bytes | memoryview] = ()) -> None:
        """Do what a message from the browser asks; a failure is shown under the widget and never raised."""
        self.error = ""
        with self.reporting():
            message = Message(content, buffers)
            method = self._actions.get(message.action)
            if method is None:
                raise InvalidInputError(f"{type(self).__name__} knows no action {message.action!r}. Reload the page.")
            getattr(self, method)(message)

    @action("dismiss_error")
    def _on_dismiss_error(self, _message: Message) -> None:
        self.error = ""


class _ErrorArea(XvWidget):
    """The error area of a page made of other widgets."""

    _esm = STATIC / "error_area.js"
    _css = STATIC / "error_area.css"


class XvBox(ErrorReporting, ipywidgets.VBox):
    """Base of widgets made of other widgets; it brings the style sheet and an error area.

    Args:
        layout: Traits of ``VBox``, for example ``layout``; anything unknown is refused.
    """

    def __init__(self, **layout: Any) -> None:
        refuse_unknown(type(self), layout)
        super().__init__(**layout)
        self._error_area = _ErrorArea()
        traitlets.link((self, "error"), (self._error_area, "error"))
        self.add_class("xv")

    def show(self, *children: ipywidgets.DOMWidget) -> None:
        """Put these widgets in place, with the error area below them."""
        self.children = (*children, self._error_area)

    def close(self) -> None:
        """Close the children as well, so that threads which watch something end."""
        close_children(self)
        super().close()


__all__ = ["STATIC", "ErrorReporting", "Message", "XvBox", "XvWidget", "action", "refuse_unknown"]
