"""Nothing of one workspace is ever read or changed through another: every method, with every foreign id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pictures import png

from xvlab.errors import NotFoundError
from xvlab.tasks import TrainConfig
from xvlab.workspace import Home, Workspace
from xvlab.workspace.annotations import LabelChange
from xvlab.workspace.images import Image, ImageFilter
from xvlab.workspace.labels import Label
from xvlab.workspace.tasks import Task


@dataclass(frozen=True)
class Content:
    label: Label
    task: Task
    image: Image


def _fill(workspace: Workspace, seed: int) -> Content:
    task = workspace.tasks.create("T", label_names=["a"])
    image = workspace.images.add(png(seed=seed), name="image")
    workspace.annotations.set_category(task.id, image.id, task.labels[0].id)
    return Content(task.labels[0], task, workspace.images.get(image.id))


Call = Callable[[Workspace, Content, Content], object]

CALLS: dict[str, Call] = {
    "labels.get": lambda w, _, other: w.labels.get(other.label.id),
    "labels.rename": lambda w, _, other: w.labels.rename(other.label.id, "x"),
    "labels.delete": lambda w, _, other: w.labels.delete(other.label.id),
    "tasks.get": lambda w, _, other: w.tasks.get(other.task.id),
    "tasks.resolve": lambda w, _, other: w.tasks.resolve(other.task.id),
    "tasks.add_label to theirs": lambda w, own, other: w.tasks.add_label(other.task.id, own.label.id),
    "tasks.add_label of theirs": lambda w, own, other: w.tasks.add_label(own.task.id, other.label.id),
    "tasks.remove_label": lambda w, _, other: w.tasks.remove_label(other.task.id, other.label.id),
    "tasks.configure": lambda w, _, other: w.tasks.configure(other.task.id, TrainConfig()),
    "tasks.rename": lambda w, _, other: w.tasks.rename(other.task.id, "x"),
    "tasks.delete": lambda w, _, other: w.tasks.delete(other.task.id),
    "images.get": lambda w, _, other: w.images.get(other.image.id),
    "images.get_many": lambda w, own, other: w.images.get_many([own.image.id, other.image.id]),
    "images.content": lambda w, _, other: w.images.content(other.image.id),
    "images.thumbnail": lambda w, _, other: w.images.thumbnail(other.image.id),
    "images.set_test": lambda w, own, other: w.images.set_test([own.image.id, other.image.id], True),
    "images.set_meta_data": lambda w, _, other: w.images.set_meta_data(other.image.id, {}),
    "images.delete": lambda w, _, other: w.images.delete(other.image.id),
    "set_category, their task": lambda w, own, other: w.annotations.set_category(
        other.task.id, own.image.id, own.label.id
    ),
    "set_category, their image": lambda w, own, other: w.annotations.set_category(
        own.task.id, other.image.id, own.label.id
    ),
    "set_category, their label": lambda w, own, other: w.annotations.set_category(
        own.task.id, own.image.id, other.label.id
    ),
    "clear": lambda w, own, other: w.annotations.clear(own.task.id, other.image.id),
    "undo": lambda w, _, other: w.annotations.undo(LabelChange(other.image.id, (), (other.label.id,), other.task.id)),
    "add_label, their image": lambda w, own, other: w.annotations.add_label(other.image.id, own.label.id),
    "add_label, their label": lambda w, own, other: w.annotations.add_label(own.image.id, other.label.id),
    "remove_label": lambda w, _, other: w.annotations.remove_label(other.image.id, other.label.id),
    "exclude, their task": lambda w, own, other: w.annotations.exclude(other.task.id, own.image.id),
    "exclude, their image": lambda w, own, other: w.annotations.exclude(own.task.id, other.image.id),
    "include": lambda w, _, other: w.annotations.include(other.task.id, other.image.id),
    "is_excluded": lambda w, own, other: w.annotations.is_excluded(own.task.id, other.image.id),
    "next_unlabelled": lambda w, _, other: w.annotations.next_unlabelled(other.task.id),
    "next_unlabelled, their image": lambda w, own, other: w.annotations.next_unlabelled(
        own.task.id, after=other.image.id
    ),
    "progress": lambda w, _, other: w.annotations.progress(other.task.id),
    "snapshots.create": lambda w, _, other: w.snapshots.create(other.task.id),
}


@pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in CALLS.items()])
def test_what_belongs_to_others_is_not_found_and_stays(home: Home, call: Call) -> None:
    mine, theirs = home.workspace(), home.create_workspace("Theirs")
    own, other = _fill(mine, 0), _fill(theirs, 1)
    with pytest.raises(NotFoundError):
        call(mine, own, other)
    assert theirs.labels.get(other.label.id).name == "a"
    assert theirs.tasks.get(other.task.id) == other.task
    assert theirs.images.get(other.image.id) == other.image
    assert mine.images.get(own.image.id) == own.image
    assert not theirs.annotations.is_excluded(other.task.id, other.image.id)


def test_lists_and_filters_show_only_what_is_mine(store: Home) -> None:
    mine, theirs = store.workspace(), store.create_workspace("Theirs")
    own, other = _fill(mine, 0), _fill(theirs, 1)
    assert [label.id for label in mine.labels.list().items] == [own.label.id]
    assert mine.labels.list(task_id=other.task.id).items == ()
    assert [task.id for task in mine.tasks.list().items] == [own.task.id]
    for wanted in (ImageFilter(label_ids=(other.label.id,)), ImageFilter(task_id=other.task.id)):
        assert mine.images.page(wanted).items == ()
        assert mine.images.count(wanted) == 0


def test_equal_bytes_live_in_both(store: Home) -> None:
    mine, theirs = store.workspace(), store.create_workspace("Theirs")
    one, other = mine.images.add(png()), theirs.images.add(png())
    mine.images.delete(one.id)
    assert theirs.images.content(other.id) == png()


class TwoWorkspaces(RuleBasedStateMachine):
    """People work in two workspaces of one home in any order; each sees exactly what was done in it."""

    home: Home

    @initialize()
    def begin(self) -> None:
        name = f"{id(self)}-{len(self.home.workspaces())}"
        self.workspaces = [self.home.create_workspace(f"{name} {side}") for side in "ab"]
        self.names: list[set[str]] = [set(), set()]
        self.images: list[dict[str, str | None]] = [{}, {}]
        self.tasks = [workspace.tasks.create("T", label_names=["x", "y"]) for workspace in self.workspaces]

    @rule(side=st.integers(0, 1), name=st.sampled_from("pqr"))
    def create_label(self, side: int, name: str) -> None:
        if name not in self.names[side]:
            self.workspaces[side].labels.create(name)
            self.names[side].add(name)

    @rule(side=st.integers(0, 1), seed=st.integers(0, 5))
    def add_image(self, side: int, seed: int) -> None:
        if str(seed) not in self.images[side]:
            self.workspaces[side].images.add(png(seed=seed), name=str(seed))
            self.images[side][str(seed)] = None

    @rule(side=st.integers(0, 1), place=st.integers(0, 1))
    def label_next(self, side: int, place: int) -> None:
        workspace, task = self.workspaces[side], self.tasks[side]
        for image in workspace.annotations.next_unlabelled(task.id, limit=1):
            workspace.annotations.set_category(task.id, image.id, task.labels[place].id)
            self.images[side][image.name] = "xy"[place]

    @rule(side=st.integers(0, 1))
    def delete_first(self, side: int) -> None:
        for image in self.workspaces[side].images.page(limit=1).items:
            self.workspaces[side].images.delete(image.id)
            del self.images[side][image.name]

    @invariant()
    def each_sees_its_own(self) -> None:
        for workspace, names, images, task in zip(self.workspaces, self.names, self.images, self.tasks, strict=True):
            assert {label.name for label in workspace.labels.list().items} == names | {"x", "y"}
            found = {image.name: next((label.name for label in image.labels), None)
                     for image in workspace.images.page().items}  # fmt: skip
            assert found == images
            assert workspace.annotations.progress(task.id).labelled == sum(name is not None for name in images.values())


def test_any_order_of_work_keeps_two_workspaces_apart(home: Home) -> None:
    machine = type("Machine", (TwoWorkspaces,), {"home": home})
    checks = settings(max_examples=4, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=checks)
