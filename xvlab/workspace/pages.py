"""Pages of long lists by keyset: cheap at any depth, and stable while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from xvlab._clock import iso_utc
from xvlab.errors import InvalidInputError

T = TypeVar("T")
S = TypeVar("S")

MAX_PAGE = 1000
IN_CHUNK = 500
"""Values of one ``IN`` list: far below SQLite's limit of variables, and fast on both databases."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list.

    Attributes:
        items: At most ``limit`` things, in order.
        next: Opaque cursor to give as ``after`` for the next page; ``None`` on the last page.
        count: How many things the whole list has.
    """

    items: tuple[T, ...]
    next: str | None
    count: int

    def map(self, convert: Callable[[T], S]) -> Page[S]:
        """Convert every item and keep the cursor."""
        return Page(tuple(convert(item) for item in self.items), self.next, self.count)


def write_cursor(created_at: datetime, row_id: str) -> str:
    """Make the opaque cursor of the place right behind a row."""
    return base64.urlsafe_b64encode(json.dumps([iso_utc(created_at), row_id]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """Read what :func:`write_cursor` wrote.

    Raises:
        InvalidInputError: The text is not a cursor.
    """
    try:
        created_at, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(created_at)
        return moment.astimezone(UTC), str(row_id)
    except (ValueError, TypeError, binascii.Error) as error:
        message = f"Expected a cursor of an earlier page, got {cursor!r}. Start again without one."
        raise InvalidInputError(message, field="after") from error


def check_limit(limit: int) -> int:
    """Return a page length between 1 and 1,000, or say why not.

    Raises:
        InvalidInputError: It is outside that range.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInputError(f"Expected a limit from 1 to {MAX_PAGE}, got {limit}. Ask for less.", field="limit")
    return limit


def keyset(
    query: Select[Any],
    created_at: InstrumentedAttribute[datetime],
    row_id: InstrumentedAttribute[str],
    *,
    after: str | None,
    limit: int,
) -> Select[Any]:
    """Order a query by (time, id) behind a cursor; one row more than asked tells whether a page follows."""
    if after:
        query = query.where(tuple_(created_at, row_id) > tuple_(*read_cursor(after)))
    return query.order_by(created_at, row_id).limit(check_limit(limit) + 1)


def make_page(rows: Sequence[Any], *, limit: int, count: int) -> Page[Any]:
    """Cut the extra row of :func:`keyset` off and write the cursor; rows need ``created_at`` and ``id``."""
    kept = tuple(rows[:limit])
    following = write_cursor(kept[-1].created_at, kept[-1].id) if len(rows) > limit else None
    return Page(kept, following, count)


def chunks(values: Iterable[T], size: int = IN_CHUNK) -> Iterator[list[T]]:
    """Cut values into lists of at most ``size``."""
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def contains_pattern(text: str) -> str:
    """Make a ``LIKE`` pattern (escape character ``!``) that finds the text anywhere, wildcards taken literally."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
