"""First paint of a dashboard, cold and preheated, and what its kernel weighs. Prints one JSON line per figure."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from widgets.dashboard_server import PASSWORD, DashboardProcess, start_dashboards

from xvlab.data.images import encode_png
from xvlab.workspace import open_home

ROUNDS = 3
TARGETS = {"first_paint": 1.0, "ready_cold": 6.0, "ready_preheated": 4.0, "kernel": 120.0}


def say(figure: str, value: float, unit: str, target: float) -> None:
    """Print one figure; a ratio of at most 1 meets the target."""
    ratio = round(value / target, 2)
    line = {"figure": figure, "value": round(value, 2), "unit": unit, "target": target, "ratio": ratio}
    print(json.dumps(line), flush=True)


def fill(folder: Path) -> None:
    """A home with sixty digits to label."""
    from sklearn.datasets import load_digits

    with open_home(folder) as home:
        workspace = home.workspace()
        home.accounts.create_user("bench", PASSWORD)
        home.accounts.add_member(workspace.id, "bench", "owner")
        workspace.tasks.create("Digits", label_names=[str(digit) for digit in range(10)])
        for number, pixels in enumerate(load_digits().images[:60]):
            workspace.images.add(encode_png((pixels * (255 / 16)).round().astype("uint8")), name=f"{number:03}.png")


def visit(browser: Browser, server: DashboardProcess) -> tuple[float, float]:
    """Seconds to the first paint and to the first image on the labeller's screen, in a browser with an empty cache."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/login")
    page.fill("[name=name]", "bench")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]", no_wait_after=True)
    page.wait_for_url("**/home.ipynb", wait_until="commit")
    started = time.monotonic()
    page.goto(f"{server.url}/voila/render/annotate.ipynb", wait_until="commit")
    page.wait_for_selector(".xv-labeller[data-xv-shown]:not([data-xv-shown=''])", timeout=120_000)
    ready = time.monotonic() - started
    paint: Any = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return paint / 1000, ready


def measure(folder: Path, *, preheated_kernels: int) -> tuple[float, float, float]:
    """Medians of first paint and readiness in seconds, and the largest kernel in MiB."""
    server = start_dashboards(folder, preheated_kernels=preheated_kernels, log=folder / "bench.log")
    try:
        time.sleep(15 if preheated_kernels else 0)  # the pool fills
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
            visits = []
            for _ in range(ROUNDS):
                visits.append(visit(browser, server))
                time.sleep(5 if preheated_kernels else 0)
            largest = max(kernel.memory_info().rss for kernel in server.kernels()) / 2**20
            browser.close()
    finally:
        server.stop()
    paints, readies = zip(*visits, strict=True)
    return statistics.median(paints), statistics.median(readies), largest


def main() -> None:
    """Measure both ways on one home."""
    if shutil.which("chromium") is None:
        sys.exit("Chromium is not installed. Install it with: apt-get install chromium")
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name))
        for mode, kernels in (("cold", 0), ("preheated", 1)):
            paint, ready, largest = measure(Path(name), preheated_kernels=kernels)
            say(f"voila_first_paint_{mode}", paint, "s", TARGETS["first_paint"])
            say(f"voila_ready_{mode}", ready, "s", TARGETS[f"ready_{mode}"])
            say(f"voila_kernel_{mode}", largest, "MiB", TARGETS["kernel"])


if __name__ == "__main__":
    main()
