"""Fixtures that tests of several layers share: homes, workspaces, and real small images."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from xvlab.data.images import encode_png
from xvlab.workspace import Home, Workspace, open_home


@pytest.fixture
def home_folder(tmp_path: Path) -> Path:
    """A folder that becomes a home; it does not exist yet."""
    return tmp_path / "home"


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was opened once; a copy of it opens without migrating, which saves half a second a test."""
    folder = tmp_path_factory.mktemp("empty") / "home"
    open_home(folder).close()
    return folder


@pytest.fixture
def home(home_folder: Path, empty_home: Path) -> Iterator[Home]:
    shutil.copytree(empty_home, home_folder)
    with open_home(home_folder) as opened:
        yield opened


@pytest.fixture
def workspace(home: Home) -> Workspace:
    """The empty workspace "Default"."""
    return home.workspace()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test run; skips, saying what to install, where there is none."""
    from postgres_server import HOW_TO_INSTALL, find_binaries, running_server

    binaries = find_binaries()
    if binaries is None:
        pytest.skip(HOW_TO_INSTALL)
    with running_server(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: a SQLite file, then one on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    from postgres_server import fresh_database

    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def store(home_folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """An empty home on each kind of database in turn; tests of the store use this one."""
    monkeypatch.setenv("XVLAB_DATABASE_URL", database_url)
    with open_home(home_folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def digits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """scikit-learn's 1,797 handwritten digits as 8 x 8 PNG files in the class folders 0 to 9, as a user's folder."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    folder = tmp_path_factory.mktemp("digits")
    for number, (pixels, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        target = folder / str(digit)
        target.mkdir(exist_ok=True)
        grey = np.round(pixels * (255 / 16)).astype(np.uint8)
        (target / f"{number:04}.png").write_bytes(encode_png(grey))
    return folder


@pytest.fixture
def digits_workspace(workspace: Workspace, digits_folder: Path) -> Workspace:
    """A workspace with all digits imported and labelled, and the task "Digits"."""
    task = workspace.tasks.create("Digits")
    workspace.imports.folder(digits_folder, task=task)
    return workspace
