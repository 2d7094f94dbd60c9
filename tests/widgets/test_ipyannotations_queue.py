"""ipyannotations' own labellers fed from the store, with their faults mended."""

from __future__ import annotations

import pytest

from xvlab.errors import InvalidInputError
from xvlab_widgets import IpyannotationsQueue

from .conftest import Shop


def test_a_click_of_their_button_reaches_the_store(shop: Shop) -> None:
    queue = IpyannotationsQueue(shop.workspace, shop.task)
    queue.labeller.submit(queue.labeller.control_elements.buttons["shoe"])
    assert (queue.error, shop.names_of(shop.images[0].id)) == ("", ["shoe"])
    assert queue.status == "1 of 12 images labelled."
    queue.labeller.undo()
    assert shop.names_of(shop.images[0].id) == []


def test_several_ticked_labels_are_refused_where_one_is_wanted(shop: Shop) -> None:
    queue = IpyannotationsQueue(shop.workspace, shop.task, labeller="multiclass")
    queue.labeller.data = ["shirt", "hat"]
    queue.labeller.submit()
    assert "exactly one label" in queue.error
    queue.labeller.data = ["hat"]
    queue.labeller.submit()
    assert (queue.error, shop.names_of(shop.images[0].id)) == ("", ["hat"])


@pytest.mark.parametrize("labeller", ["class", "multiclass"])
def test_the_event_watcher_is_not_among_the_children(shop: Shop, labeller: str) -> None:
    theirs = IpyannotationsQueue(shop.workspace, shop.task, labeller=labeller).labeller
    assert theirs.event_watcher not in theirs.children
    assert theirs.event_watcher.watched_events == []


def test_skip_goes_on_and_the_end_is_told(shop: Shop) -> None:
    queue = IpyannotationsQueue(shop.workspace, shop.task)
    queue.labeller.skip()
    for _ in shop.images[1:]:
        queue.submit("shirt")
    assert "All done" in queue.status
    assert queue.labeller.layout.display == "none"


def test_unknown_labellers_and_labels(shop: Shop) -> None:
    with pytest.raises(InvalidInputError, match="class or multiclass"):
        IpyannotationsQueue(shop.workspace, shop.task, labeller="boxes")
    queue = IpyannotationsQueue(shop.workspace, shop.task)
    queue.submit("Submit.")
    assert "no label 'Submit.'" in queue.error
