"""The labeller's brain: every gesture is in the store before the next image shows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from xvlab.errors import InvalidInputError
from xvlab.workspace import Workspace
from xvlab_widgets import ClassLabeller

from .conftest import Shop, gesture, picture_bytes


def test_empty_workspace_shows_nothing_and_no_error(workspace: Workspace) -> None:
    labeller = ClassLabeller(workspace, workspace.tasks.create("empty"))
    assert (labeller.current, labeller.error, labeller.labels) == ({}, "", [])
    assert labeller.progress["total"] == 0


def test_submit_is_stored_before_the_next_image_shows(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    first = labeller.current["image_id"]
    seen: list[Any] = []
    labeller.on_submit(lambda name: seen.append((name, shop.names_of(first), labeller.current["image_id"])))
    gesture(labeller, "submit", label_id=shop.label_id("shoe"))
    assert seen == [("shoe", ["shoe"], first)]
    assert labeller.current["image_id"] == shop.images[1].id
    assert labeller.progress["labelled"] == 1


def test_the_next_image_is_sent_along_and_none_is_sent_twice(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    assert set(labeller.slot_keys) >= {shop.images[0].id, shop.images[1].id}
    slot = labeller.slot_keys.index(shop.images[1].id)
    sent: list[str] = []
    labeller.observe(lambda change: sent.append(change["name"]), ["slot_0", "slot_1", "slot_2"])
    gesture(labeller, "submit", label_id=shop.label_id("hat"))
    assert labeller.slot_keys[slot] == shop.images[1].id
    assert len(sent) == 1, "only the image after the next one travels"


@pytest.mark.parametrize("action", ["submit", "skip", "exclude"])
def test_a_second_gesture_for_the_same_image_is_ignored(shop: Shop, action: str) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    late = {**labeller.current, "action": action, "label_id": shop.label_id("hat")}
    labeller.handle(late)
    labeller.handle(late)
    assert labeller.error == ""
    assert labeller.current["image_id"] == shop.images[1].id
    assert shop.names_of(shop.images[1].id) == []


def test_undo_takes_the_label_back_and_shows_the_image_again(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    for name in ("shirt", "hat"):
        gesture(labeller, "submit", label_id=shop.label_id(name))
    gesture(labeller, "undo")
    assert labeller.current["image_id"] == shop.images[1].id
    assert shop.names_of(shop.images[1].id) == []
    gesture(labeller, "undo")
    assert labeller.current["image_id"] == shop.images[0].id
    assert not labeller.can_undo


def test_undo_says_so_when_somebody_else_changed_the_label(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    gesture(labeller, "submit", label_id=shop.label_id("shirt"))
    shop.workspace.annotations.set_category(shop.task.id, shop.images[0].id, shop.label_id("hat"))
    gesture(labeller, "undo")
    assert "Somebody changed" in labeller.error
    assert shop.names_of(shop.images[0].id) == ["hat"]


def test_undo_beyond_the_session_calls_the_users_callback(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    called: list[str] = []
    labeller.on_undo(lambda: called.append("undo"))
    gesture(labeller, "undo")
    assert called == ["undo"]


def test_skipped_images_come_again_after_a_restart(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    data: list[str | None] = []
    labeller.on_submit(data.append)
    gesture(labeller, "skip")
    for _ in shop.images[1:]:
        gesture(labeller, "submit", label_id=shop.label_id("shirt"))
    assert data[0] is None
    assert labeller.current == {}
    assert labeller.progress["skipped"] == 1
    gesture(labeller, "restart")
    assert labeller.current["image_id"] == shop.images[0].id


def test_back_shows_a_labelled_image_with_its_label_and_relabels_it(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    gesture(labeller, "submit", label_id=shop.label_id("shirt"))
    gesture(labeller, "back")
    assert labeller.current["label_id"] == shop.label_id("shirt")
    assert labeller.data == "shirt"
    gesture(labeller, "submit", label_id=shop.label_id("hat"))
    assert shop.names_of(shop.images[0].id) == ["hat"]
    assert labeller.current["image_id"] == shop.images[1].id


def test_a_reload_goes_on_where_the_store_stands(shop: Shop) -> None:
    gesture(ClassLabeller(shop.workspace, shop.task), "submit", label_id=shop.label_id("shirt"))
    assert ClassLabeller(shop.workspace, "clothes").current["image_id"] == shop.images[1].id


def test_excluded_images_leave_the_queue(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    gesture(labeller, "exclude")
    assert shop.workspace.annotations.is_excluded(shop.task.id, shop.images[0].id)
    assert labeller.progress["total"] == 11
    gesture(labeller, "undo")
    assert not shop.workspace.annotations.is_excluded(shop.task.id, shop.images[0].id)


def test_an_image_deleted_under_the_labeller_is_passed_over(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    shop.workspace.images.delete(shop.images[0].id)
    gesture(labeller, "submit", label_id=shop.label_id("shirt"))
    assert "deleted" in labeller.error
    assert labeller.current["image_id"] == shop.images[1].id
    gesture(labeller, "submit", label_id=shop.label_id("shirt"))
    assert labeller.error == ""
    assert shop.names_of(shop.images[1].id) == ["shirt"]


def test_an_image_whose_bytes_are_lost_can_be_skipped(shop: Shop) -> None:
    shop.workspace.home.blobs.delete(shop.images[0].sha256)
    labeller = ClassLabeller(shop.workspace, shop.task)
    assert labeller.error
    assert labeller.current["image_id"] == shop.images[0].id
    gesture(labeller, "skip")
    assert (labeller.error, labeller.current["image_id"]) == ("", shop.images[1].id)


def test_labels_of_other_tasks_are_refused(shop: Shop) -> None:
    other = shop.workspace.tasks.create("other", label_names=("cat",))
    labeller = ClassLabeller(shop.workspace, shop.task)
    gesture(labeller, "submit", label_id=other.labels[0].id)
    assert "no longer in the task" in labeller.error
    assert labeller.current["image_id"] == shop.images[0].id


def test_labels_can_be_added_while_labelling(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    labeller.handle({"action": "add_label", "name": " scarf "})
    assert [row["name"] for row in labeller.labels] == ["shirt", "shoe", "hat", "scarf"]
    labeller.handle({"action": "add_label", "name": "scarf"})
    assert "already" in labeller.error


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param({}, "action", id="empty"),
        pytest.param({"action": "fly"}, "knows no action 'fly'", id="unknown"),
        pytest.param({"action": "submit"}, "image_id", id="no image"),
        pytest.param({"action": "submit", "image_id": 3, "sequence": 1}, "Expected a text", id="wrong type"),
    ],
)
def test_wrong_messages_are_shown_and_change_nothing(shop: Shop, content: dict[str, Any], said: str) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    labeller.handle(content)
    assert said in labeller.error
    assert labeller.progress["labelled"] == 0
    labeller.handle({"action": "dismiss_error"})
    assert labeller.error == ""


def test_synced_traits_set_by_a_browser_decide_nothing(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    labeller.labels = [{"id": "forged", "name": "forged", "color": ""}]
    gesture(labeller, "submit", label_id="forged")
    assert "no longer in the task" in labeller.error


def foreign_items(folder: Path) -> list[Any]:
    data = picture_bytes(99)
    path = folder / "foreign.png"
    path.write_bytes(data)
    picture = Pillow.open(io.BytesIO(data))
    return [data, path, picture, np.asarray(picture.convert("RGB"))]


@pytest.mark.parametrize("index", range(4), ids=["bytes", "path", "pillow", "array"])
def test_foreign_images_reach_the_callback_and_not_the_store(shop: Shop, tmp_path: Path, index: int) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    seen: list[str | None] = []
    labeller.on_submit(seen.append)
    labeller.display(foreign_items(tmp_path)[index])
    assert (labeller.current["width"], labeller.current["height"]) == (24, 16)
    gesture(labeller, "submit", label_id=shop.label_id("hat"))
    assert seen == ["hat"]
    assert labeller.data == "hat"
    assert shop.workspace.annotations.progress(shop.task.id).labelled == 0


def test_display_shows_an_image_of_the_store(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    labeller.display(shop.images[7])
    gesture(labeller, "submit", label_id=shop.label_id("hat"))
    assert shop.names_of(shop.images[7].id) == ["hat"]


def test_display_refuses_what_is_no_image(shop: Shop) -> None:
    with pytest.raises(InvalidInputError, match="cannot be read as an image"):
        ClassLabeller(shop.workspace, shop.task).display(b"no image")


def test_a_failing_callback_is_shown_and_the_label_is_kept(shop: Shop) -> None:
    labeller = ClassLabeller(shop.workspace, shop.task)
    labeller.on_submit(lambda _name: 1 / 0)
    gesture(labeller, "submit", label_id=shop.label_id("hat"))
    assert "ZeroDivisionError" in labeller.error
    assert shop.names_of(shop.images[0].id) == ["hat"]


def test_large_originals_are_shrunk_for_the_screen(shop: Shop) -> None:
    large = shop.workspace.images.add(picture_bytes(5, (3000, 1500), "JPEG"), name="large.jpg")
    labeller = ClassLabeller(shop.workspace, shop.task)
    labeller.display(large)
    data = getattr(labeller, f"slot_{labeller.slot_keys.index(large.id)}")
    assert Pillow.open(io.BytesIO(data)).size == (1600, 800)
    assert (labeller.current["width"], labeller.current["height"]) == (3000, 1500)
