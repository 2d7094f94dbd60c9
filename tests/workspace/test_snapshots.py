"""Snapshots: what they hold, what they refuse, and that the same content is the same snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import encoded, photo, png

from xvlab.errors import ConflictError, NotFoundError
from xvlab.workspace import Home, Workspace
from xvlab.workspace.tasks import Task


def _workspace_with(store: Home, counts: dict[str, int]) -> tuple[Workspace, Task]:
    workspace = store.workspace()
    task = workspace.tasks.create("T", label_names=counts)
    seed = 0
    for label in task.labels:
        for _ in range(counts[label.name]):
            image = workspace.images.add(png(seed=seed))
            workspace.annotations.set_category(task.id, image.id, label.id)
            seed += 1
    return workspace, task


def test_a_snapshot_holds_exactly_the_labelled_images(store: Home) -> None:
    workspace, task = _workspace_with(store, {"a": 10, "b": 5})
    workspace.images.add(png(seed=1000))
    images = workspace.images.page().items
    workspace.annotations.exclude(task.id, images[0].id)
    workspace.images.set_test([images[1].id, images[12].id], True)
    info = workspace.snapshots.create(task.id)
    assert info.counts == {"train": 9, "evaluation": 3, "test": 2, "left_out": 0}
    snapshot = workspace.snapshots.content(info.id)
    assert (snapshot.sha256, snapshot.task_id, snapshot.kind) == (info.sha256, task.id, "multi_class")
    assert [label.name for label in snapshot.labels] == ["a", "b"]
    assert {item.image_id for item in snapshot.items} == {image.id for image in images[1:15]}
    assert {item.image_id for item in snapshot.of_split("test")} == {images[1].id, images[12].id}
    by_id = {image.id: image for image in images}
    assert all(item.label_ids == (by_id[item.image_id].labels[0].id,) for item in snapshot.items)
    assert workspace.snapshots.get(info.id) == info


def test_equal_content_is_the_same_snapshot(store: Home) -> None:
    workspace, task = _workspace_with(store, {"a": 6, "b": 6})
    first = workspace.snapshots.create(task.id, seed=3)
    assert workspace.snapshots.create(task.id, seed=3) == first
    assert workspace.snapshots.create(task.id, seed=4).sha256 != first.sha256
    image = workspace.images.page(limit=1).items[0]
    change = workspace.annotations.set_category(task.id, image.id, task.labels[1].id)
    assert workspace.snapshots.create(task.id, seed=3).sha256 != first.sha256
    workspace.annotations.undo(change)
    assert workspace.snapshots.create(task.id, seed=3) == first


def test_a_snapshot_stays_when_its_images_are_deleted(store: Home) -> None:
    workspace, task = _workspace_with(store, {"a": 3, "b": 3})
    info = workspace.snapshots.create(task.id)
    for image in workspace.images.page().items:
        workspace.images.delete(image.id)
    items = workspace.snapshots.content(info.id).items
    assert len(items) == 6
    assert all(store.blobs.get(item.sha256) for item in items)


def test_twins_share_a_side_and_twins_of_tests_are_left_out(store: Home) -> None:
    workspace, task = _workspace_with(store, {"a": 5, "b": 5})
    for seed in range(20):
        for kind, options in (("PNG", {}), ("JPEG", {"quality": 80})):
            image = workspace.images.add(encoded(photo(120, 90, seed=100 + seed), kind, **options))
            workspace.annotations.set_category(task.id, image.id, task.labels[seed % 2].id)
    tested = workspace.images.add(encoded(photo(120, 90, seed=100), "WEBP"), is_test=True)
    workspace.annotations.set_category(task.id, tested.id, task.labels[0].id)
    info = workspace.snapshots.create(task.id)
    assert info.counts["left_out"] == 2
    splits = {item.image_id: item.split for item in workspace.snapshots.content(info.id).items}
    images = workspace.images.page(limit=1000).items[10:]
    pairs = [(splits[images[n].id], splits[images[n + 1].id]) for n in range(2, 40, 2)]
    assert all(one == other for one, other in pairs)
    assert {one for one, _ in pairs} == {"train", "evaluation"}


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        pytest.param({}, "at least 2 labels in task 'T', got 0", id="no labels"),
        pytest.param({"a": 5}, "at least 2 labels", id="one label"),
        pytest.param({"a": 0, "b": 0}, "'a' has 0, 'b' has 0", id="no images"),
        pytest.param({"a": 5, "b": 1}, "'b' has 1.*Label more images", id="too few of one"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(store: Home, counts: dict[str, int], message: str) -> None:
    workspace, task = _workspace_with(store, counts)
    with pytest.raises(ConflictError, match=message):
        workspace.snapshots.create(task.id)


def test_two_labels_on_one_image_are_refused(workspace: Workspace) -> None:
    _, task = _workspace_with(workspace.home, {"a": 3, "b": 3})
    image = workspace.images.page(limit=1).items[0]
    workspace.annotations.add_label(image.id, task.labels[1].id)
    with pytest.raises(ConflictError, match=f"1 images have several labels.*{image.id}"):
        workspace.snapshots.create(task.id)


def test_digits_are_split_by_label(digits_workspace: Workspace) -> None:
    task = digits_workspace.tasks.resolve("Digits")
    info = digits_workspace.snapshots.create(task.id, evaluation_share=0.2)
    assert info.counts["train"] + info.counts["evaluation"] == 1797
    assert abs(info.counts["evaluation"] - 0.2 * 1797) <= 10
    held_out = digits_workspace.snapshots.content(info.id).of_split("evaluation")
    for label in digits_workspace.labels.list().items:
        count = sum(item.label_ids == (label.id,) for item in held_out)
        assert abs(count - 0.2 * label.images_count) <= 1


def test_a_snapshot_of_another_workspace_is_not_found(store: Home, tmp_path: Path) -> None:
    workspace, task = _workspace_with(store, {"a": 3, "b": 3})
    info = workspace.snapshots.create(task.id)
    other = store.create_workspace("Other")
    for ask in (lambda: other.snapshots.get(info.id), lambda: other.snapshots.content(info.id),
                lambda: other.snapshots.create(task.id)):  # fmt: skip
        with pytest.raises(NotFoundError):
            ask()
