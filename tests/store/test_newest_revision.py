from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

import xvlab._database as package
from xvlab._database import migrate, open_database
from xvlab._database.migrate import current_revision, newest_revision


def test_the_newest_file_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == newest_revision()


def test_an_empty_database_is_upgraded_and_then_left_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'xvlab.db'}")
    assert current_revision(database) == ""
    migrate(database)
    assert current_revision(database) == newest_revision()
    database.close()


def test_opening_an_upgraded_home_loads_no_alembic(tmp_path: Path) -> None:
    opening = "from xvlab.workspace import open_home; open_home(sys.argv[1]).close()"
    code = f"import sys; {opening}; print('alembic' in sys.modules)"
    command = [sys.executable, "-c", code, str(tmp_path)]
    answers = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert answers == ["True", "False"]
