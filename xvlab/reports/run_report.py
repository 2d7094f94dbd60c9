"""An executed notebook as one HTML page that asks no other host for anything."""

from __future__ import annotations

import json
import secrets
from itertools import count
from typing import Any

from xvlab._optional import require
from xvlab._resources import resource_folder

_PLOTLY_MIME = "application/vnd.plotly.v1+json"
_TEMPLATE = "run_report.html.j2"


def report_html(notebook: bytes, *, title: str) -> str:
    """Convert an executed notebook to a page with plotly inlined once.

    The policy in its head forbids other hosts and every script that was not written here.

    Args:
        notebook: The executed notebook's bytes.
        title: Title of the page.

    Raises:
        MissingDependencyError: nbconvert is not installed.
    """
    nbformat = require("nbformat", extra="jobs")
    nbconvert = require("nbconvert", extra="jobs")
    jinja2 = require("jinja2", extra="jobs")
    document = nbformat.reads(notebook.decode(), as_version=4)
    nonce = secrets.token_urlsafe(16)
    has_figures = _draw_figures(document, nonce)
    exporter = nbconvert.HTMLExporter(template_name="basic")
    body, _ = exporter.from_notebook_node(document)
    loader = jinja2.FileSystemLoader(resource_folder("templates") / "reports")
    page = jinja2.Environment(loader=loader, autoescape=True).get_template(_TEMPLATE)
    safe = jinja2.utils.markupsafe.Markup
    plotly = safe(_plotly() if has_figures else "")
    text: str = page.render(title=title, body=safe(body), plotly=plotly, nonce=nonce)
    return text


def _draw_figures(document: Any, nonce: str) -> bool:
    """Replace plotly's MIME type, which HTML does not know, by an element and the call that draws in it."""
    numbers = count()
    for cell in document.cells:
        for output in cell.get("outputs", ()):
            figure = output.get("data", {}).pop(_PLOTLY_MIME, None)
            if figure is not None:
                output["data"] = {"text/html": _figure_html(figure, f"figure-{next(numbers)}", nonce)}
    return next(numbers) > 0


def _figure_html(figure: dict[str, Any], element: str, nonce: str) -> str:
    # "<" is written as an escape, so that a label called </script> stays text.
    parts = [
        json.dumps(figure.get(key, default)).replace("<", "\\u003c") for key, default in (("data", []), ("layout", {}))
    ]
    call = f'Plotly.newPlot("{element}", {parts[0]}, {parts[1]}, {{"responsive": true, "displaylogo": false}})'
    return f'<div id="{element}"></div><script nonce="{nonce}">{call};</script>'


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    text: str = get_plotlyjs()
    return text
