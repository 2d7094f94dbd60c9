"""Three places for image bytes, so that the next image is in the browser before it is shown and none is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

import traitlets

_COUNT = 3


class ImageSlots:
    """Fills the traits ``slot_0`` to ``slot_2`` of a widget; ``slot_keys`` tells which image each one holds.

    Args:
        widget: Has these four traits.
    """

    def __init__(self, widget: traitlets.HasTraits) -> None:
        self._widget: Any = widget
        self._by_age: list[int] = list(range(_COUNT))

    def put(self, key: str, read: Callable[[], bytes], *, keep: AbstractSet[str] = frozenset()) -> None:
        """Make sure that an image lies in a slot.

        Args:
            key: Names the image.
            read: Gives its encoded bytes; called only when they are not there yet.
            keep: Keys that must stay.
        """
        keys: list[str] = list(self._widget.slot_keys)
        if key in keys:
            slot = keys.index(key)
        else:
            slot = next(slot for slot in self._by_age if keys[slot] not in keep)
            data = read()
            keys[slot] = key
            with self._widget.hold_sync():
                setattr(self._widget, f"slot_{slot}", data)
                self._widget.slot_keys = keys
        self._by_age.remove(slot)
        self._by_age.append(slot)
