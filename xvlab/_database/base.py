"""The declarative base: naming convention, id and time columns that every table shares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

from sqlalchemy import JSON, DateTime, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from xvlab._clock import utc_now


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python on both databases; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times and store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without zone reached the database; use xvlab._clock.utc_now()")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give aware UTC back."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def new_id() -> str:
    """Return a fresh lower-case UUIDv4."""
    return str(uuid4())


JsonDict = Annotated[dict[str, Any], mapped_column(JSON().with_variant(JSONB(), "postgresql"))]
JsonList = Annotated[list[Any], mapped_column(JSON().with_variant(JSONB(), "postgresql"))]
Uuid = Annotated[str, mapped_column(String(36))]
UuidKey = Annotated[str, mapped_column(String(36), primary_key=True, default=new_id)]
Sha256 = Annotated[str, mapped_column(String(64))]
CreatedAt = Annotated[datetime, mapped_column(UtcDateTime(), default=utc_now)]
Moment = Annotated[datetime, mapped_column(UtcDateTime())]


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
