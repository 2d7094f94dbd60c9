"""Labels, tasks, images, annotations and pages, on both databases."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pictures import BAD, jpeg, png

from xvlab.errors import (
    AlreadyExistsError,
    ConfigurationError,
    ConflictError,
    ImageRejectedError,
    InvalidInputError,
    NotFoundError,
)
from xvlab.tasks import TrainConfig
from xvlab.workspace import Home, Workspace, open_home, open_workspace
from xvlab.workspace.images import ImageFilter
from xvlab.workspace.tasks import Task


def test_a_home_is_made_private_with_one_workspace(home_folder: Path) -> None:
    with open_home(home_folder) as home:
        assert [info.name for info in home.workspaces()] == ["Default"]
    assert stat.S_IMODE(home_folder.stat().st_mode) == 0o700
    assert open_workspace(home=home_folder).name == "Default"


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="XVLAB_HOME"):
        open_home(tmp_path / "file" / "home")


def test_workspaces_have_different_names(store: Home) -> None:
    made = store.create_workspace(" Second ")
    assert made.name == "Second"
    assert store.workspace(made.id).id == store.workspace("Second").id == made.id
    with pytest.raises(AlreadyExistsError) as caught:
        store.create_workspace("Second")
    assert caught.value.existing_id == made.id
    with pytest.raises(NotFoundError, match="Default, Second"):
        store.workspace("Third")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("  ", id="blank"),
        pytest.param("x" * 501, id="long"),
        pytest.param("a\nb", id="line feed"),
    ],
)
def test_names_that_are_not_usable(workspace: Workspace, name: str) -> None:
    for create in (workspace.labels.create, workspace.tasks.create, workspace.home.create_workspace):
        with pytest.raises(InvalidInputError, match="Choose another"):
            create(name)


def test_labels(store: Home) -> None:
    labels = store.workspace().labels
    assert labels.list().items == ()
    first = labels.create("Äpfel", description="fruit", color="#ff0000")
    second = labels.create("Äpfel", kind="tag")
    assert labels.get(first.id) == first
    assert labels.find("Äpfel") is not None
    assert (labels.find("Äpfel", kind="tag") or first).id == second.id
    assert labels.find("apfel") is None
    assert labels.rename(first.id, "100%_sure").name == "100%_sure"
    assert [label.id for label in labels.list("0%_s").items] == [first.id]
    assert labels.list("0x_s").items == ()
    labels.delete(second.id)
    with pytest.raises(NotFoundError):
        labels.get(second.id)
    with pytest.raises(InvalidInputError, match="category, tag, value, box"):
        labels.create("x", kind="other")


def test_tasks(store: Home) -> None:
    workspace = store.workspace()
    label = workspace.labels.create("b")
    task = workspace.tasks.create("T", label_names=["a", "b", "a"], description="d")
    assert [one.name for one in task.labels] == ["a", "b"]
    assert task.labels[1].id == label.id
    assert workspace.tasks.add_label(task.id, label.id) == task
    third = workspace.labels.create("c")
    assert [one.name for one in workspace.tasks.add_label(task.id, third.id).labels] == ["a", "b", "c"]
    assert [one.name for one in workspace.tasks.remove_label(task.id, label.id).labels] == ["a", "c"]
    assert [one.name for one in workspace.tasks.add_label(task.id, label.id).labels] == ["a", "c", "b"]
    with pytest.raises(InvalidInputError, match="takes category labels"):
        workspace.tasks.add_label(task.id, workspace.labels.create("t", kind="tag").id)
    configured = workspace.tasks.configure(task.id, TrainConfig(epochs=3))
    assert configured.configuration == {"epochs": 3}
    assert configured.train_config == TrainConfig(epochs=3)
    assert workspace.tasks.rename(task.id, "U").name == "U"
    workspace.tasks.delete(task.id)
    assert workspace.tasks.find("U") is None
    assert workspace.labels.list().count == 4


def test_tasks_are_found_by_name_or_id(workspace: Workspace) -> None:
    first = workspace.tasks.create("T")
    assert workspace.tasks.resolve("T") == workspace.tasks.resolve(first.id) == workspace.tasks.find("T") == first
    workspace.tasks.create("T")
    with pytest.raises(ConflictError, match="Use one of their ids"):
        workspace.tasks.resolve("T")
    with pytest.raises(NotFoundError):
        workspace.tasks.resolve("none")
    with pytest.raises(InvalidInputError, match="multi_class"):
        workspace.tasks.create("x", kind="other")


def test_an_image_comes_back_as_it_came(store: Home) -> None:
    images = store.workspace().images
    image = images.add(data := jpeg(), name="photo.jpg", is_test=True, is_real=False, meta_data={"a": [1, "ä"]})
    assert images.get(image.id) == image
    assert (image.is_test, image.is_real, image.meta_data, image.name) == (True, False, {"a": [1, "ä"]}, "photo.jpg")
    assert images.content(image.id) == data
    assert images.thumbnail(image.id).startswith(b"\xff\xd8")
    with pytest.raises(AlreadyExistsError) as caught:
        images.add(data)
    assert caught.value.existing_id == image.id
    images.set_test([image.id], False)
    assert images.set_meta_data(image.id, {"b": 1}).meta_data == {"b": 1}
    assert not images.get(image.id).is_test
    images.delete(image.id)
    with pytest.raises(NotFoundError):
        images.get(image.id)
    assert images.add(data).id != image.id


def test_a_bad_image_leaves_nothing_behind(workspace: Workspace) -> None:
    with pytest.raises(ImageRejectedError):
        workspace.images.add(BAD["truncated jpeg"][0]())
    assert workspace.images.count() == 0
    assert not list((workspace.home.settings.home / "blobs").rglob("??/*"))


def test_pages_show_everything_once_and_in_order(store: Home) -> None:
    images = store.workspace().images
    assert images.page().items == ()
    added = [images.add(png(seed=number), name=f"{number}").id for number in range(7)]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = images.page(after=after, limit=3)
        assert page.count == 7
        seen += [image.id for image in page.items]
        after = page.next
        if after is None:
            break
    assert seen == added
    assert [image.id for image in images.get_many(added[::-1])] == added[::-1]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJ4IiwgInkiXQ", "é", "../"])
def test_a_made_up_cursor_is_refused(workspace: Workspace, cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        workspace.images.page(after=cursor)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_1_to_1000_items(workspace: Workspace, limit: int) -> None:
    with pytest.raises(InvalidInputError, match="limit"):
        workspace.images.page(limit=limit)


def _labelled(store: Home, count: int = 5) -> tuple[Workspace, Task, list[str]]:
    workspace = store.workspace()
    task = workspace.tasks.create("T", label_names=["a", "b"])
    return workspace, task, [workspace.images.add(png(seed=number), name=f"n{number}").id for number in range(count)]


def test_filters(store: Home) -> None:
    workspace, task, ids = _labelled(store)
    a, b = (label.id for label in task.labels)
    workspace.annotations.set_category(task.id, ids[0], a)
    workspace.annotations.set_category(task.id, ids[1], b)
    workspace.annotations.exclude(task.id, ids[2])
    workspace.images.set_test([ids[3]], True)
    cases = {
        "none": (ImageFilter(), ids),
        "a": (ImageFilter(label_ids=(a,)), ids[:1]),
        "a or b": (ImageFilter(label_ids=(a, b)), ids[:2]),
        "labelled": (ImageFilter(task_id=task.id), ids[:2]),
        "unlabelled": (ImageFilter(without_label_of_task=task.id), ids[2:]),
        "excluded": (ImageFilter(excluded_from=task.id), ids[2:3]),
        "test": (ImageFilter(is_test=True), ids[3:4]),
        "made": (ImageFilter(is_real=False), []),
        "name": (ImageFilter(search="N4"), ids[4:]),
        "both": (ImageFilter(label_ids=(a,), is_test=True), []),
    }
    for name, (wanted, expected) in cases.items():
        page = workspace.images.page(wanted)
        assert ([image.id for image in page.items], page.count) == (expected, len(expected)), name


def test_labelling_and_undo(store: Home) -> None:
    workspace, task, ids = _labelled(store)
    annotations = workspace.annotations
    a, b = (label.id for label in task.labels)
    first = annotations.set_category(task.id, ids[0], a)
    second = annotations.set_category(task.id, ids[0], b)
    assert ((first.before, first.after), (second.before, second.after)) == (((), (a,)), ((a,), (b,)))
    assert [label.id for label in workspace.images.get(ids[0]).labels] == [b]
    with pytest.raises(ConflictError, match="Somebody"):
        annotations.undo(first)
    annotations.undo(second)
    annotations.undo(first)
    assert workspace.images.get(ids[0]).labels == ()
    annotations.set_category(task.id, ids[0], a)
    assert annotations.clear(task.id, ids[0]).before == (a,)


def test_labels_of_other_tasks_stay(store: Home) -> None:
    workspace, task, ids = _labelled(store)
    other = workspace.labels.create("other")
    workspace.annotations.add_label(ids[0], other.id)
    workspace.annotations.add_label(ids[0], other.id, value=2.5)
    workspace.annotations.set_category(task.id, ids[0], task.labels[0].id)
    workspace.annotations.set_category(task.id, ids[0], task.labels[1].id)
    assert {label.name for label in workspace.images.get(ids[0]).labels} == {"b", "other"}
    with pytest.raises(InvalidInputError, match="not in this task"):
        workspace.annotations.set_category(task.id, ids[0], other.id)
    workspace.annotations.remove_label(ids[0], other.id)
    assert [label.name for label in workspace.images.get(ids[0]).labels] == ["b"]


def test_the_queue_and_its_progress(store: Home) -> None:
    workspace, task, ids = _labelled(store)
    annotations = workspace.annotations
    assert [image.id for image in annotations.next_unlabelled(task.id)] == ids[:2]
    annotations.set_category(task.id, ids[0], task.labels[0].id)
    annotations.exclude(task.id, ids[1])
    annotations.exclude(task.id, ids[1])
    assert annotations.is_excluded(task.id, ids[1])
    assert [image.id for image in annotations.next_unlabelled(task.id, limit=10)] == ids[2:]
    assert [image.id for image in annotations.next_unlabelled(task.id, after=ids[2])] == ids[3:]
    progress = annotations.progress(task.id)
    assert (progress.labelled, progress.total) == (1, 4)
    assert progress.per_label == {task.labels[0].id: 1, task.labels[1].id: 0}
    annotations.include(task.id, ids[1])
    assert annotations.progress(task.id).total == 5


def test_deleting_a_label_takes_it_off(store: Home) -> None:
    workspace, task, ids = _labelled(store)
    workspace.annotations.set_category(task.id, ids[0], task.labels[0].id)
    workspace.labels.delete(task.labels[0].id)
    assert workspace.images.get(ids[0]).labels == ()
    assert [label.name for label in workspace.tasks.get(task.id).labels] == ["b"]


def test_many_ids_pass_sqlite_s_limit_of_variables(store: Home) -> None:
    workspace, _, ids = _labelled(store)
    assert len(workspace.images.get_many(ids * 500)) == 2500
    with pytest.raises(NotFoundError, match="lacks 1 of 6"):
        workspace.images.set_test([*ids, "none"], True)
    assert workspace.images.count(ImageFilter(is_test=True)) == 0
