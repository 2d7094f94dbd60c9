"""Engine, migrations and transactions, the same on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, inspect, select, text

from xvlab._database import migrate, open_database
from xvlab._database.base import Table
from xvlab._database.tables import LabelRow, WorkspaceRow
from xvlab.errors import ConfigurationError
from xvlab.workspace import Home


def test_migrations_make_exactly_the_declared_tables(store: Home) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_migrating_again_changes_nothing(store: Home) -> None:
    before = sorted(inspect(store.database.engine).get_table_names())
    migrate(store.database)
    assert sorted(inspect(store.database.engine).get_table_names()) == before
    assert [info.name for info in store.workspaces()] == ["Default"]


def test_an_error_rolls_the_whole_block_back(store: Home) -> None:
    def fail() -> None:
        with store.database.write() as session:
            session.add(WorkspaceRow(name="half"))
            session.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert [info.name for info in store.workspaces()] == ["Default"]


def test_times_come_back_aware(store: Home) -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
    with store.database.write() as session:
        session.add(WorkspaceRow(name="timed", created_at=moment))
    with store.database.read() as session:
        assert session.scalar(select(WorkspaceRow.created_at).where(WorkspaceRow.name == "timed")) == moment


def test_writers_take_turns_and_none_fails(store: Home) -> None:
    workspace_id = store.workspace().id
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for count in range(20):
                with store.database.write() as session:
                    seen = session.scalar(select(func.count()).select_from(LabelRow))
                    session.add(LabelRow(workspace_id=workspace_id, name=f"{number}-{count}-{seen}", kind="tag"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.workspace().labels.list(limit=1).count == 80


def test_sqlite_is_opened_as_measured_best(home: Home) -> None:
    with home.database.engine.connect() as connection:
        values = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert values == ["wal", 2, 1]


@pytest.mark.parametrize(
    "url",
    [pytest.param("", id="empty"), pytest.param("mysql://x/y", id="other"), pytest.param("nonsense", id="no url")],
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="Use sqlite"):
        open_database(url)
