from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.serving.trained_home import trained_home
from xvlab.cli import app


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory, digits_folder: Path) -> Path:
    """A home with two versions of the task "Digits"; not to be changed."""
    return trained_home(tmp_path_factory.getbasetemp() / "trained", digits_folder)


@pytest.fixture
def xvlab(home_folder: Path) -> Callable[..., Any]:
    """Run a command on the test's home; returns the exit code, what it printed and its errors."""

    def run(*arguments: str, typed: str | None = None, home: Path = home_folder) -> Any:
        result = CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)], input=typed, prog_name="xvlab")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
