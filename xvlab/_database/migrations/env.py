"""Alembic's environment: the connection comes from :func:`xvlab._database.migrate.migrate`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from xvlab._database import tables  # noqa: F401  (fills the metadata)
from xvlab._database.base import Table, UtcDateTime


def _render_item(type_: str, item: Any, _autogen_context: Any) -> str | Literal[False]:
    """Write our own column type by its short name in new migrations."""
    return "UtcDateTime()" if type_ == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render_item,
    transactional_ddl=True,
)
context.run_migrations()
