"""Modules and functions stay small; files are named after a noun."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE_LINES = 400
FUNCTION_LINES = 50
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "misc.py", "common.py"}


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "--", *patterns]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def python_files() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations/versions" not in str(path)]


def test_modules_are_short():
    long = {
        str(p.relative_to(ROOT)): n for p in python_files() if (n := len(p.read_text().splitlines())) > MODULE_LINES
    }
    assert not long


def test_functions_are_short():
    long = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert not long


def test_no_file_is_a_drawer_for_everything():
    assert not [str(p) for p in tracked() if p.name in FORBIDDEN_NAMES]


def test_files_speak_of_the_project_alone():
    """No path of a build machine and no registry host may enter the repository."""
    marks = ("/work/" + "main", "/work/" + "shared", "/opt/" + "pypi", "registry." + "npmjs.org/")
    found = []
    for path in tracked():
        if path.suffix in {".png", ".ico", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {mark}" for mark in marks if mark in text]
    assert not found


def test_nothing_is_left_to_do():
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3 + " ")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked("*.py", "*.js", "*.ipynb", "*.md", "*.j2", "Makefile")
        if "static/" not in str(path) and any(mark in path.read_text() for mark in marks)
    ]
    assert not found
