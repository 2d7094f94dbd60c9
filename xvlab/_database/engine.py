"""Engine and sessions for both databases, with the pragmas and transaction modes that were measured to be right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from xvlab.errors import ConfigurationError

_SQLITE_BUSY_SECONDS = 30


class Database:
    """One database; ``read`` and ``write`` open a session each.

    ``write`` takes SQLite's write lock at once (``BEGIN IMMEDIATE``), so that two writers queue up instead of failing
    half way, and commits on leaving the block.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for reading; nothing is committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that commits on leaving, or rolls back on an error."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"xvlab_write": True})
            with session.begin_nested() if session.in_nested_transaction() else _committing(session):
                yield session

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


@contextmanager
def _committing(session: Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.rollback()
        raise
    session.commit()


def open_database(url: str) -> Database:
    """Open a database by SQLAlchemy URL; tables are made by :func:`xvlab._database.migrate`.

    Raises:
        ConfigurationError: The URL is not understood, or its dialect is not supported.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(f"Not a database URL: {url!r}. Use sqlite:///FILE or postgresql://…") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return Database(_sqlite_engine(parsed.render_as_string(hide_password=False), parsed.database))
    if backend == "postgresql":
        return Database(create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True))
    raise ConfigurationError(f"Database {backend!r} is not supported. Use sqlite:///FILE or postgresql://…")


def _sqlite_engine(url: str, file: str | None) -> Engine:
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _SQLITE_BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's documented recipe: we emit BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("xvlab_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
