"""The committed bundles are what the sources give; they ask no other host."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from xvlab_widgets._base import STATIC

WIDGETS = Path(__file__).parents[2] / "widgets"
BUNDLES = sorted(STATIC.glob("*.*"))


def test_bundles_are_what_the_sources_give(tmp_path: Path) -> None:
    if not (WIDGETS / "node_modules" / "esbuild").is_dir():
        pytest.skip("esbuild is not installed; in widgets/ run: npm ci")
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node; install Node.js 20 or newer")
    subprocess.run([node, str(WIDGETS / "js" / "build.mjs"), str(tmp_path)], check=True, timeout=120)
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in BUNDLES}
    for file in BUNDLES:
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), f"in widgets/ run: npm run build ({file.name})"


def test_every_widget_has_its_bundle_of_the_same_name() -> None:
    modules = {file.stem for file in (WIDGETS / "xvlab_widgets").glob("*.py")} | {"error_area"}
    assert {file.stem for file in BUNDLES} <= modules
    folders = {file.parent.name for file in (WIDGETS / "js").glob("*/index.js")}
    assert folders == {file.stem for file in BUNDLES}


@pytest.mark.parametrize("file", BUNDLES, ids=lambda file: file.name)
def test_bundles_are_small_and_ask_no_other_host(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text) < 100_000
    addresses = set(re.findall(r"https?://[\w.-]+|(?:url\(|@import|\bimport\s*\(|\bfrom\s*)[\"']?//", text))
    assert addresses <= {"https://github.com"}, "a comment names the licence; nothing else may"
