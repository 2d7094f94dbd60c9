"""Lists over HTTP: ``{"count", "next", "previous", "results"}``, where ``next`` is a path that carries every filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from pydantic import BaseModel, BeforeValidator

from xvlab.errors import InvalidInputError
from xvlab.workspace.pages import Page

T = TypeVar("T")
Entity = TypeVar("Entity")
MAX_PAGE_SIZE = 200
_MAX_WALKED_PAGES = 1000


def _empty_is_absent(value: object) -> object:
    return None if value == "" else value


EmptyOr = BeforeValidator(_empty_is_absent)
TextQuery = Annotated[str | None, EmptyOr]
BoolQuery = Annotated[bool | None, EmptyOr]
IntQuery = Annotated[int | None, EmptyOr]


class ListAnswer(BaseModel, Generic[Entity]):
    """A page of a list."""

    count: int
    next: str | None
    previous: str | None = None
    results: list[Entity]


class PageQuery:
    """Which page a request asks for. ``after`` is a cursor from an earlier ``next``; ``page`` counts from 1."""

    def __init__(
        self,
        request: Request,
        page: IntQuery = None,
        page_size: IntQuery = None,
        after: TextQuery = None,
        workspace: TextQuery = None,
    ) -> None:
        self.workspace = workspace
        self.page = max(1, page or 1)
        self.page_size = min(MAX_PAGE_SIZE, max(1, page_size or 20))
        self._after = after
        self._request = request

    def fetch(self, read: Callable[[str | None, int], Page[T]]) -> Page[T]:
        """Return the page that is asked for.

        Args:
            read: Takes a cursor and a size, returns the page after the cursor.

        Raises:
            InvalidInputError: The page number is too far from the start to be walked to.
        """
        if self._after is not None:
            return read(self._after, self.page_size)
        if self.page > _MAX_WALKED_PAGES:
            message = f"Expected a page up to {_MAX_WALKED_PAGES}, got {self.page}. Follow the next links instead."
            raise InvalidInputError(message, field="page")
        found = read(None, self.page_size)
        for _ in range(self.page - 1):
            if found.next is None:
                return Page(items=(), next=None, count=found.count)
            found = read(found.next, self.page_size)
        return found

    def next_path(self, cursor: str | None, workspace_id: str) -> str | None:
        """Return the path of the next page with all filters of this request."""
        if cursor is None:
            return None
        ours = {
            "page": str(self.page + 1),
            "page_size": str(self.page_size),
            "after": cursor,
            "workspace": workspace_id,
        }
        kept = [(name, value) for name, value in self._request.query_params.multi_items() if value and name not in ours]
        return f"{self._request.url.path}/?{urlencode([*kept, *ours.items()])}"


PageNeeded = Annotated[PageQuery, Depends(PageQuery)]
