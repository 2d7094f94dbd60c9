"""The widgets in JupyterLab: what is done in a cell's output is in the store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import nbformat
import pytest
from browser.product import Sight, fill_home, free_port
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from xvlab.cli.lab import quiet_environment
from xvlab.workspace import open_home

_QUIET = (
    "--LabApp.extension_manager=readonly",
    "--LabApp.expose_app_in_browser=True",
    "--IdentityProvider.token=",
    "--no-browser",
    "--allow-root",
)
CELLS = (
    "from xvlab import open_workspace\nfrom xvlab_widgets import ClassLabeller, Gallery\nworkspace = open_workspace()",
    "labeller = ClassLabeller(workspace, 'Digits')\nlabeller",
    "Gallery(workspace, 'Digits')",
)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """JupyterLab on a folder with one notebook, and the home that its kernel opens."""
    fill_home(tmp_path)
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "label.ipynb")
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", f"--ServerApp.root_dir={tmp_path / 'notebooks'}"]
    own = {name: str(tmp_path / "jupyter" / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    environment = {**os.environ, **own, **quiet_environment(tmp_path / "quiet")}
    environment["XVLAB_HOME"] = str(tmp_path / "home")
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen([*command, *_QUIET], stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/api", process, tmp_path / "lab.log")
        yield f"http://127.0.0.1:{port}/lab/tree/label.ipynb?reset", tmp_path / "home"
    finally:
        process.kill()  # asked to end it waits for its kernels, longer than a test should; those end by themselves
        process.wait(30)


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server to come up."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def run_all_cells(sight: Sight, selector: str) -> None:
    """Run the notebook; Lab's first visit may start a second kernel, so ask again until the output is there."""
    idle = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
    sight.page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell", timeout=90_000)
    sight.page.wait_for_function(idle, timeout=90_000)
    for _ in range(4):
        sight.page.wait_for_timeout(2_000)
        sight.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
        with suppress(PlaywrightTimeout):
            sight.page.wait_for_selector(selector, timeout=25_000)
            return
    raise AssertionError("The cells of the notebook showed nothing.")


@pytest.mark.timeout(300)
def test_a_labeller_in_a_cell_writes_to_the_store(lab: tuple[str, Path], sight: Sight) -> None:
    address, home_folder = lab
    sight.page.goto(address, wait_until="commit")
    run_all_cells(sight, ".xv-labeller[data-xv-shown]:not([data-xv-shown=''])")
    labeller = sight.page.locator(".xv-labeller")
    image_id = labeller.get_attribute("data-xv-shown")
    assert image_id
    sources = sight.page.evaluate("() => document.querySelectorAll('.jp-Notebook .jp-Cell').length")
    labeller.focus()
    sight.page.keyboard.press("3")
    sight.page.wait_for_function(
        "id => document.querySelector('.xv-labeller').dataset.xvShown !== id", arg=image_id, timeout=30_000
    )
    with open_home(home_folder) as home:
        assert [label.name for label in home.workspace().images.get(image_id).labels] == ["2"]
    sight.page.wait_for_selector(".xv-gallery .xv-tile img")
    sight.shoot("jupyterlab", both=False)
    assert sight.page.evaluate("() => document.querySelectorAll('.jp-Notebook .jp-Cell').length") == sources
    assert sight.page.get_by_text("official Jupyter news").count() == 0, "Lab asks whether it may ask outside"
