"""A real product (API, worker, dashboards as processes of their own), and a browser tab that may talk to it only."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np

from xvlab.data.images import encode_png
from xvlab.tasks import TrainConfig
from xvlab.workspace import Home, open_home
from xvlab.workspace.images import ImageFilter

USER, PASSWORD = "annotator", "correct horse"
TASK = "Digits"
EPOCHS = 5
UNLABELLED = 12
WRONG_NUMBER, WRONG_LABEL = 49, "7"  # a test image that somebody labelled wrong
_CHECKOUT = Path(__file__).parents[2]
_SCREENSHOTS = Path(os.environ.get("XVLAB_SCREENSHOTS") or _CHECKOUT / "build" / "screenshots")
# Said by JupyterLab's and Voilà's own bundles in every page of theirs, ours or not.
_NOT_OURS = re.compile(r"Unsatisfied version|r\.setData is not a function|favicon|403 \(Forbidden\).*shutdown")


@dataclass(frozen=True)
class Product:
    """What ``xvlab up`` runs, and where it answers."""

    home: Path
    pages: str
    api: str

    def page(self, name: str, **query: str) -> str:
        """Address of a dashboard."""
        return f"{self.pages}voila/render/{name}.ipynb" + (f"?{urlencode(query)}" if query else "")

    def open_home(self) -> Home:
        """The store that the product works on."""
        return open_home(self.home)


def fill_home(folder: Path) -> None:
    """Write digits as class folders (400 to learn from, 100 test images) and import them as a user would."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    for number, (pixels, digit) in enumerate(zip(digits.images[:500], digits.target[:500], strict=True)):
        target = folder / ("test" if number % 5 == 4 else "train") / str(digit) / f"{number:04}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(encode_png((pixels * (255 / 16)).round().astype(np.uint8)))
    with open_home(folder / "home") as home:
        workspace = home.workspace()
        home.accounts.create_user(USER, PASSWORD)
        home.accounts.add_member(workspace.id, USER, "owner")
        task = workspace.tasks.create(TASK)
        workspace.imports.folder(folder / "train", task=task)
        workspace.imports.folder(folder / "test", task=task, is_test=True)
        workspace.tasks.configure(task.id, TrainConfig(epochs=EPOCHS))
        for image in [image for image in workspace.images.page(limit=500).items if not image.is_test][::33][
            :UNLABELLED
        ]:
            workspace.annotations.clear(task.id, image.id)
        wrong = workspace.images.page(ImageFilter(search=f"{WRONG_NUMBER:04}"), limit=1).items[0]
        workspace.annotations.set_category(task.id, wrong.id, workspace.labels.find(WRONG_LABEL).id)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_addresses(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Read where the dashboards and the API answer from what ``xvlab up`` prints."""
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text()
        pages, api = re.search(r"^Dashboards: +(http\S+)", text, re.M), re.search(r"^API: +(http\S+?)/docs", text, re.M)
        if pages and api:
            return pages[1], api[1]
        time.sleep(0.2)
    raise AssertionError(f"xvlab up did not start:\n{log.read_text()}")


@dataclass
class Sight:
    """A browser tab, all that it asked for and all that went wrong in it."""

    page: Any
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    expected_failures: tuple[str, ...] = ()

    def watch(self) -> None:
        """Begin to record."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self._note(f"page error: {error}"))
        self.page.on("console", lambda said: self._note(f"{said.text} ({said.location.get('url', '')})", said.type))

    def shoot(self, name: str, *, both: bool = True) -> None:
        """Keep a picture of the page; also in dark colours."""
        _SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=_SCREENSHOTS / f"{name}.png")
        if both:
            self.page.click("[data-xv-toggle]")
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=_SCREENSHOTS / f"{name}_dark.png")
            self.page.click("[data-xv-toggle]")

    def enter(self, address: str) -> None:
        """Go to a dashboard, sign in where asked, and wait until it is drawn."""
        self.page.goto(address, wait_until="commit")
        self.page.wait_for_selector(".xv-sign-in, .xv-header", state="attached")
        if self.page.query_selector(".xv-sign-in"):
            self.page.fill("[name=name]", USER)
            self.page.fill("[name=password]", PASSWORD)
            self.page.click("button[type=submit]", no_wait_after=True)
        self.page.wait_for_selector("html[data-xv-ready]", state="attached", timeout=90_000)

    def outside(self) -> list[str]:
        """Requests to anything but this machine."""
        parts = [(urlsplit(url), url) for url in self.requests]
        local = {"127.0.0.1", "localhost"}
        return [url for part, url in parts if part.scheme not in {"data", "blob"} and part.hostname not in local]

    def _note(self, text: str, kind: str = "error") -> None:
        expected = any(part in text for part in self.expected_failures)
        if kind == "error" and not expected and not _NOT_OURS.search(text):
            self.problems.append(text)
