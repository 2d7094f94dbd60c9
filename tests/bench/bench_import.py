"""Import of 10,000 small JPEGs, in images a second, against a bare single-process loop in the same run.

The bare loop reads, hashes, decodes and makes a thumbnail the way OpenCV's manual says, and throws everything away; the
import also checks, fingerprints, writes durably and inserts. ``ratio_same_thumbnail`` compares with a loop that uses
the platform's own, faster thumbnail. All are measured in turns, and the best time of each counts.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xvlab.data.images import thumbnail_rgb
from xvlab.workspace import open_home

COUNT = 10_000
ROUNDS = 2
TARGET_RATIO = 1.5
_WIDTH, _HEIGHT = 320, 240


def measure(count: int = COUNT) -> dict[str, Any]:
    """Return the figure as ``make bench`` prints it."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source"
        write_images(source, count)
        bare, same, imported = [], [], []
        for number in range(ROUNDS):
            bare.append(_bare_loop(source, _area_thumbnail))
            same.append(_bare_loop(source, thumbnail_rgb))
            imported.append(_import(source, Path(name) / f"home{number}"))
    rate = count / min(imported)
    return {
        "figure": f"import of {count:,} JPEGs of {_WIDTH} x {_HEIGHT}",
        "value": round(rate, 1),
        "unit": "images/s",
        "target": TARGET_RATIO,
        "ratio": round(min(bare) / min(imported), 2),
        "bare_loop": round(count / min(bare), 1),
        "ratio_same_thumbnail": round(min(same) / min(imported), 2),
    }


def write_images(folder: Path, count: int) -> None:
    """Write different JPEGs of about 10 KB into ten class folders."""
    generator = np.random.default_rng(0)
    for number in range(count):
        target = folder / f"class {number % 10}"
        target.mkdir(parents=True, exist_ok=True)
        coarse = generator.integers(0, 256, (15, 20, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(target / f"{number:05}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])


def _area_thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (256, 192), interpolation=cv2.INTER_AREA), np.uint8)


def _bare_loop(folder: Path, shrink: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> float:
    started = time.perf_counter()
    for path in sorted(folder.rglob("*.jpg")):
        data = path.read_bytes()
        hashlib.sha256(data).hexdigest()
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        cv2.imencode(".jpg", shrink(picture), [cv2.IMWRITE_JPEG_QUALITY, 88])
    return time.perf_counter() - started


def _import(folder: Path, home_folder: Path) -> float:
    with open_home(home_folder) as home:
        workspace = home.workspace()
        started = time.perf_counter()
        report = workspace.imports.folder(folder, task=workspace.tasks.create("Bench"))
        seconds = time.perf_counter() - started
    assert not report.rejected
    return seconds


if __name__ == "__main__":
    print(json.dumps(measure()))
