"""The gallery's brain: pages by keyset, filters, and changes that can be taken back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image as Pillow

from xvlab.workspace import Workspace
from xvlab_widgets import Gallery
from xvlab_widgets._geometry import part_bounds

from .conftest import Shop, picture_bytes


def shown_names(gallery: Gallery) -> list[str]:
    return [item["name"] for item in gallery.page["items"]]


def test_empty_workspace(workspace: Workspace) -> None:
    gallery = Gallery(workspace)
    assert (gallery.error, gallery.page["count"], gallery.page["items"], gallery.thumbnails) == ("", 0, [], b"")


def test_thumbnails_come_as_one_run_of_jpegs(shop: Shop) -> None:
    gallery = Gallery(shop.workspace, shop.task)
    for start, end in part_bounds(gallery.page["sizes"]):
        assert Pillow.open(io.BytesIO(gallery.thumbnails[start:end])).format == "JPEG"
    assert part_bounds(gallery.page["sizes"])[-1][1] == len(gallery.thumbnails)


def test_pages_go_forth_and_back(shop: Shop) -> None:
    for seed in range(100, 155):
        shop.workspace.images.add(picture_bytes(seed, (4, 4)), name=f"more {seed}.png")
    gallery = Gallery(shop.workspace)
    first = shown_names(gallery)
    gallery.handle({"action": "next"})
    assert (len(first), len(gallery.page["items"]), gallery.page["first"], gallery.page["has_next"]) == (
        60,
        7,
        61,
        False,
    )
    gallery.handle({"action": "previous"})
    assert shown_names(gallery) == first


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param({"state": "all"}, 12, id="all"),
        pytest.param({"state": "labelled"}, 2, id="labelled"),
        pytest.param({"state": "unlabelled"}, 10, id="unlabelled"),
        pytest.param({"state": "test"}, 1, id="test"),
        pytest.param({"state": "training"}, 11, id="training"),
        pytest.param({"state": "excluded"}, 1, id="excluded"),
        pytest.param({"search": "PHOTO 03"}, 1, id="search"),
        pytest.param({"label": "hat"}, 1, id="label"),
        pytest.param({"state": "test", "search": "nothing"}, 0, id="nothing"),
    ],
)
def test_filters(shop: Shop, chosen: dict[str, str], expected: int) -> None:
    annotations, ids = shop.workspace.annotations, [image.id for image in shop.images]
    annotations.set_category(shop.task.id, ids[0], shop.label_id("hat"))
    annotations.set_category(shop.task.id, ids[1], shop.label_id("shoe"))
    annotations.exclude(shop.task.id, ids[2])
    shop.workspace.images.set_test([ids[3]], flag=True)
    gallery = Gallery(shop.workspace, shop.task)
    label_id = shop.label_id(chosen["label"]) if "label" in chosen else ""
    gallery.handle({"action": "filter", "state": "all", **chosen, "label_id": label_id})
    assert (gallery.error, gallery.page["count"]) == ("", expected)


def test_unknown_filter_is_refused(shop: Shop) -> None:
    gallery = Gallery(shop.workspace, shop.task)
    gallery.handle({"action": "filter", "state": "purple"})
    assert "purple" in gallery.error


def state_of(shop: Shop) -> list[Any]:
    excluded = shop.workspace.annotations.is_excluded
    images = shop.workspace.images.get_many([image.id for image in shop.images])
    return [(image.is_test, [one.name for one in image.labels], excluded(shop.task.id, image.id)) for image in images]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"action": "set_label", "label": "hat"}, id="label"),
        pytest.param({"action": "set_excluded", "flag": True}, id="exclude"),
        pytest.param({"action": "set_test", "flag": True}, id="test"),
    ],
)
def test_changes_of_many_are_made_and_taken_back(shop: Shop, message: dict[str, Any]) -> None:
    shop.workspace.annotations.set_category(shop.task.id, shop.images[0].id, shop.label_id("shoe"))
    before = state_of(shop)
    gallery = Gallery(shop.workspace, shop.task)
    ids = [image.id for image in shop.images[:3]]
    label_id = shop.label_id("hat")
    gallery.handle({**message, "image_ids": ids, "label_id": label_id})
    after = state_of(shop)
    assert (gallery.error, [a != b for a, b in zip(before, after, strict=True)]) == ("", [True] * 3 + [False] * 9)
    gallery.handle({"action": "undo"})
    assert state_of(shop) == before
    assert not gallery.can_undo


def test_thumbnails_are_not_sent_again_when_only_labels_change(shop: Shop) -> None:
    gallery = Gallery(shop.workspace, shop.task)
    sent: list[Any] = []
    gallery.observe(sent.append, "thumbnails")
    gallery.handle({"action": "set_label", "image_ids": [shop.images[0].id], "label_id": shop.label_id("hat")})
    assert sent == []
    assert gallery.page["items"][0]["labels"][0]["name"] == "hat"


def test_delete_takes_images_and_choice_away(shop: Shop) -> None:
    gallery = Gallery(shop.workspace, shop.task)
    gallery.selected_ids = [shop.images[0].id, shop.images[1].id]
    gallery.handle({"action": "delete", "image_ids": [shop.images[0].id]})
    assert (gallery.page["count"], gallery.selected_ids) == (11, [shop.images[1].id])


def test_a_close_look_brings_the_image_and_goes_away(shop: Shop) -> None:
    gallery = Gallery(shop.workspace, shop.task)
    gallery.handle({"action": "open", "image_id": shop.images[4].id})
    assert Pillow.open(io.BytesIO(gallery.opened_bytes)).size == (24, 16)
    gallery.handle({"action": "close"})
    assert (gallery.opened, gallery.opened_bytes) == ({}, b"")


def test_labels_need_a_task(shop: Shop) -> None:
    gallery = Gallery(shop.workspace)
    gallery.handle({"action": "set_label", "image_ids": [shop.images[0].id], "label_id": shop.label_id("hat")})
    assert "Give the gallery a task" in gallery.error


def test_images_of_another_workspace_are_not_reached(shop: Shop) -> None:
    stranger = shop.workspace.home.create_workspace("Strangers")
    gallery = Gallery(stranger)
    for content in (
        {"action": "open", "image_id": shop.images[0].id},
        {"action": "delete", "image_ids": [shop.images[0].id]},
    ):
        gallery.handle(content)
        assert "no image" in gallery.error
    assert shop.workspace.images.count() == 12
