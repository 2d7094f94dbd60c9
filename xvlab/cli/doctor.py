"""``xvlab doctor``: look at everything that xvlab needs, and say what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from .options import HomeOption, JsonOption, opened_home
from .output import print_rows

if TYPE_CHECKING:
    from xvlab.workspace import Home

_MIN_PYTHON = (3, 11)
_MIN_FREE_BYTES = 2 << 30
_EXTRAS = {
    "jobs": ("papermill", "plotly"),
    "api": ("fastapi", "uvicorn", "multipart"),
    "notebook": ("ipywidgets", "anywidget", "jupyterlab"),
    "voila": ("voila",),
    "train": ("torch", "torchvision", "timm", "safetensors"),
    "postgres": ("psycopg",),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``state`` is ``ok``, ``note`` (works without it) or ``bad``."""

    what: str
    state: str
    found: str
    advice: str = ""


def doctor(home: HomeOption = None, json: JsonOption = False) -> None:
    """Check Python, disk, database, blobs, extras and the worker; exit code 1 when something is broken."""
    from xvlab.errors import XvlabError

    findings = [_python(), *_extras()]
    try:
        with opened_home(home) as opened:
            findings += _home(opened)
    except XvlabError as error:
        findings.append(Finding("home", "bad", error.message, "Correct what the message says."))
    print_rows([asdict(finding) for finding in findings], as_json=json, empty="")
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def _python() -> Finding:
    found = sys.version.split()[0]
    if sys.version_info >= _MIN_PYTHON:
        return Finding("python", "ok", found)
    return Finding("python", "bad", found, "Install Python 3.11 or newer.")


def _extras() -> Iterator[Finding]:
    for extra, modules in _EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        if missing:
            yield Finding(extra, "note", f"{', '.join(missing)} missing", f"pip install 'xvlab[{extra}]'")
        else:
            yield Finding(extra, "ok", "installed")


def _home(home: Home) -> Iterator[Finding]:
    from xvlab.workspace.presence import Presence

    folder = home.settings.home
    free = shutil.disk_usage(folder).free
    advice = "" if free >= _MIN_FREE_BYTES else "Make room, or choose another disk with --home."
    yield Finding("disk", "bad" if advice else "ok", f"{free / (1 << 30):.1f} GiB free at {folder}", advice)
    yield _tried("database", lambda: f"{len(home.workspaces())} workspaces", "Check XVLAB_DATABASE_URL.")
    yield _tried("blobs", lambda: _write_and_read(home), "Check XVLAB_BLOB_URL and its rights.")
    users = len(home.accounts.list())
    yield Finding("accounts", "ok" if users else "note", f"{users} users", "" if users else "Run: xvlab init")
    alive = Presence(folder).is_alive("worker")
    yield Finding("worker", "ok" if alive else "note", "alive" if alive else "not running", "" if alive else "xvlab up")


def _write_and_read(home: Home) -> str:
    probe = b"xvlab doctor"
    sha256 = home.blobs.put(probe)
    if home.blobs.get(sha256) != probe:
        raise OSError("what was written does not come back")
    return "written and read"


def _tried(what: str, look: Callable[[], str], advice: str) -> Finding:
    try:
        return Finding(what, "ok", look())
    except Exception as error:  # noqa: BLE001 - a driver's own errors are findings here
        return Finding(what, "bad", f"{type(error).__name__}: {error}", advice)
