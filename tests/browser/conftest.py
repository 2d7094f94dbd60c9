"""The product and the browser that the journeys share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.product import Product, Sight, fill_home, wait_for_addresses


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A home with 500 digits, twelve of them without a label, served by ``xvlab up``."""
    folder = tmp_path_factory.mktemp("product")
    fill_home(folder)
    command = [sys.executable, "-m", "xvlab.cli", "up", "--home", str(folder / "home")]
    command += ["--port", "0", "--api-port", "0", "--no-browser"]
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield Product(folder / "home", *wait_for_addresses(log, process))
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed. Install it with: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    arguments = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def sight(chromium: Any) -> Iterator[Sight]:
    """A fresh tab of a fresh browser profile; at its end it must have been quiet and have stayed on this machine."""
    context = chromium.new_context(viewport={"width": 1360, "height": 900})
    context.set_default_timeout(30_000)
    seen = Sight(context.new_page())
    seen.watch()
    yield seen
    context.close()
    assert seen.outside() == []
    assert seen.problems == []
