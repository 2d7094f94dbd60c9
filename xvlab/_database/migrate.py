"""Bring a database to the newest schema. Alembic, with SQLite's foreign keys off while tables are rebuilt."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from xvlab._database.engine import Database
from xvlab.errors import StorageError

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Upgrade to the newest revision; a database that is already there is only read.

    SQLite's batch mode drops and rebuilds tables, and a drop with foreign keys on deletes the child rows, so the keys
    are off during the upgrade and checked at its end.

    Raises:
        StorageError: A foreign key is broken after the upgrade.
    """
    if current_revision(database) == newest_revision():
        return
    from alembic import command  # 11 MiB, and every dashboard's kernel opens a home
    from alembic.config import Config

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
            message = f"{len(broken)} rows lost their parent in the upgrade; nothing was changed. Report this."
            raise StorageError(message)
        connection.commit()
        if database.is_sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.exec_driver_sql("BEGIN")


def newest_revision() -> str:
    """The revision that the code expects; files of revisions are called ``<revision>_<what>.py``, in order."""
    return max(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def current_revision(database: Database) -> str:
    """The revision that a database has; empty before its first upgrade."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
