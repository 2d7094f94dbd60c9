from __future__ import annotations

from pathlib import Path

import pytest

from tests.serving.trained_home import trained_home


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory, digits_folder: Path) -> Path:
    """A home with two versions of the task "Digits"; not to be changed."""
    return trained_home(tmp_path_factory.getbasetemp() / "trained", digits_folder)
