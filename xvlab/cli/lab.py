"""``xvlab lab``: JupyterLab on a copy of the tutorials, asking nothing from outside."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import HomeOption, opened_home

# No list of extensions from an index, no news, no look for updates.
_QUIET = ("--LabApp.extension_manager=readonly",)
_PAGE = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


def lab(
    home: HomeOption = None,
    port: Annotated[int, typer.Option("--port", "-p", help="Port of JupyterLab.")] = 8888,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Start JupyterLab in the home's notebook folder, with the tutorials in it."""
    from xvlab._optional import require

    require("jupyterlab", extra="notebook")
    with opened_home(home) as opened:
        folder = opened.settings.home
    notebooks = copy_tutorials(folder / "notebooks")
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", f"--ServerApp.root_dir={notebooks}", *_QUIET]
    if not browser:
        command.append("--no-browser")
    environment = {**os.environ, **quiet_environment(folder / "run" / "lab"), "XVLAB_HOME": str(folder)}
    os.execve(sys.executable, command, environment)  # noqa: S606 - this process becomes Lab


def quiet_environment(folder: Path) -> dict[str, str]:
    """Write a Jupyter configuration without announcements and return the variable that puts it before the others."""
    page = folder / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps(_PAGE))
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": f"{folder}{os.pathsep}{others}" if others else str(folder)}


def copy_tutorials(folder: Path) -> Path:
    """Copy the tutorials that are not there yet, so that a person's changes are never lost; return the folder."""
    from xvlab._resources import resource_folder

    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted((resource_folder("notebooks") / "tutorials").glob("*.ipynb")):
        target = folder / source.name
        if not target.exists():
            shutil.copyfile(source, target)
    return folder
