"""The database: tables, engine, sessions, migrations. SQLite (WAL) by default, PostgreSQL by URL."""

from xvlab._database.engine import Database, open_database
from xvlab._database.migrate import migrate

__all__ = ["Database", "migrate", "open_database"]
