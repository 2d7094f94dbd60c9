"""Bring a database to the newest schema. Alembic, with SQLite's foreign keys off while tables are rebuilt."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from xvlab._database.engine import Database
from xvlab.errors import StorageError

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Upgrade to the newest revision; a database that is already there is left alone.

    SQLite's batch mode drops and rebuilds tables, and a drop with foreign keys on deletes the child rows, so the keys are
    off during the upgrade and checked at its end.

    Raises:
        StorageError: A foreign key is broken after the upgrade.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("COMMIT")  # a pragma inside a transaction is ignored
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(7319804426)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if database.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            connection.rollback()
            raise StorageError(f"{len(broken)} rows lost their parent in the upgrade; nothing was changed. Report this.")
        connection.commit()
        if database.is_sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.exec_driver_sql("BEGIN")
