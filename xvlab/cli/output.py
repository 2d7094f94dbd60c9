"""What commands print: tables for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

    from xvlab.workspace.pages import Page

T = TypeVar("T")


def print_json(value: Any) -> None:
    """Print a value as JSON; times as ISO 8601, dataclasses as objects."""
    print(json.dumps(value, default=_plain, ensure_ascii=False))


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows as a table, or as a JSON list; ``empty`` is said when there are none."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        print(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    Console().print(table)


def all_items(read: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Walk through all pages of a list; ``read`` takes the cursor."""
    page = read(None)
    yield from page.items
    while page.next is not None:
        page = read(page.next)
        yield from page.items


def progress_bar(*, unit: str) -> AbstractContextManager[Progress]:
    """Make a progress bar on stderr, so that stdout stays clean for pipes; silent when nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not sys.stderr.isatty())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        from xvlab._clock import iso_utc

        return iso_utc(value)
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return str(value)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
