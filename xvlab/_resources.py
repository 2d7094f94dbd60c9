"""Where the shipped notebooks, dashboards and templates are."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from xvlab.errors import NotFoundError

ResourceKind = Literal["notebooks", "templates", "voila_apps"]

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def resource_folder(kind: ResourceKind) -> Path:
    """Return the folder of a kind: the checkout's in an editable install, else the copy inside the wheel."""
    in_checkout = _CHECKOUT / kind
    if (_CHECKOUT / "pyproject.toml").is_file() and in_checkout.is_dir():
        return in_checkout
    return _PACKAGE / "_share" / kind


def job_notebook(name: str) -> Path:
    """Return the path of a shipped job notebook by its name, for example ``train``.

    Raises:
        NotFoundError: No job notebook has this name.
    """
    folder = resource_folder("notebooks") / "jobs"
    known = {path.stem: path for path in folder.glob("*.ipynb")}
    if name not in known:
        raise NotFoundError(f"No job notebook is called {name!r}. Choose one of: {', '.join(sorted(known))}.")
    return known[name]
