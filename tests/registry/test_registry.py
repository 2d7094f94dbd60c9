"""Versions, production and its history, and the model card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xvlab.data.snapshot import SnapshotItem, SnapshotLabel, make_snapshot
from xvlab.errors import AttemptLostError, ConflictError, NotFoundError
from xvlab.jobs import JobQueue
from xvlab.jobs.queue import NewJob
from xvlab.registry import CardFacts, JobFence, ModelRecord, NewModel, Registry, model_card
from xvlab.workspace import Workspace

SPLIT_METRICS = {
    "count": 2,
    "accuracy": 0.5,
    "precision_macro": 0.5,
    "recall_macro": 0.5,
    "f1_macro": 0.5,
    "log_loss": 0.7,
    "ece": None,
}


@pytest.fixture
def registry(workspace: Workspace) -> Registry:
    return Registry(workspace.home.database, workspace.id)


@pytest.fixture
def task_id(workspace: Workspace) -> str:
    return workspace.tasks.create("Fruit").id


@pytest.fixture
def fence(workspace: Workspace, task_id: str) -> Callable[[], JobFence]:
    """Makes a running job and its fence."""

    def make() -> JobFence:
        queue = JobQueue(workspace.home.database)
        queue.submit(NewJob(workspace.id, "train", 9.0, task_id=task_id))
        attempt = queue.claim(host="here", slots=99, lease_seconds=60.0)
        assert attempt is not None
        return JobFence(attempt.job_id, attempt.token)

    return make


@pytest.fixture
def register(registry: Registry, task_id: str, fence: Callable[[], JobFence]) -> Callable[..., ModelRecord]:
    def make(**fields: Any) -> ModelRecord:
        model = NewModel(task_id, "snapshot", {"epochs": 1}, {"test": {"accuracy": 0.9}}, {}, **fields)
        return registry.register(model, fence=fence())

    return make


def test_a_new_task_has_no_versions(registry: Registry, task_id: str) -> None:
    assert registry.list(task_id) == ()
    with pytest.raises(NotFoundError, match="no production version"):
        registry.version(task_id)
    with pytest.raises(ConflictError, match="no promotion"):
        registry.rollback(task_id)


def test_versions_count_up_and_are_never_used_again(
    registry: Registry, task_id: str, register: Callable[..., ModelRecord]
) -> None:
    one, two = register(), register()
    registry.delete(two.id)
    three = register()

    assert [one.version, two.version, three.version] == [1, 2, 3]
    assert [model.version for model in registry.list(task_id)] == [3, 1]
    with pytest.raises(NotFoundError):
        registry.version(task_id, 2)


def test_a_job_registers_one_version_however_often_it_tries(
    registry: Registry, task_id: str, workspace: Workspace, fence: Callable[[], JobFence]
) -> None:
    mine = fence()
    model = NewModel(task_id, "snapshot", {}, {}, {}, result={"accuracy": 0.9}, promote=True)

    first, second = registry.register(model, fence=mine), registry.register(model, fence=mine)

    assert first == second
    assert first.is_production
    assert len(registry.list(task_id)) == 1
    result = JobQueue(workspace.home.database).get(mine.job_id).result
    assert result == {"accuracy": 0.9, "model_id": first.id, "version": 1}


def test_an_attempt_that_lost_its_job_registers_nothing(
    registry: Registry, task_id: str, fence: Callable[[], JobFence]
) -> None:
    mine = fence()

    with pytest.raises(AttemptLostError):
        registry.register(NewModel(task_id, "s", {}, {}, {}), fence=JobFence(mine.job_id, "old token"))

    assert registry.list(task_id) == ()


def test_promotions_are_undone_one_by_one(
    registry: Registry, task_id: str, register: Callable[..., ModelRecord]
) -> None:
    register(), register(), register()
    for version in (1, 3, 3, 2):  # the second 3 changes nothing and is no step of its own
        registry.promote(task_id, version)

    undone = [registry.rollback(task_id) for _ in range(3)]

    assert [model.version if model else None for model in undone] == [3, 1, None]
    with pytest.raises(ConflictError):
        registry.rollback(task_id)


def test_the_production_version_cannot_be_deleted(
    registry: Registry, task_id: str, register: Callable[..., ModelRecord]
) -> None:
    model = register(promote=True)

    with pytest.raises(ConflictError, match="in production"):
        registry.delete(model.id)


def test_a_rollback_to_a_deleted_version_is_refused_and_changes_nothing(
    registry: Registry, task_id: str, register: Callable[..., ModelRecord]
) -> None:
    one, _two = register(promote=True), register(promote=True)
    registry.delete(one.id)

    with pytest.raises(ConflictError, match="was deleted"):
        registry.rollback(task_id)

    assert registry.version(task_id).version == 2


def test_another_workspace_sees_nothing(
    workspace: Workspace, task_id: str, register: Callable[..., ModelRecord]
) -> None:
    model = register(promote=True)
    other = Registry(workspace.home.database, workspace.home.create_workspace("other").id)

    calls: list[Callable[[], Any]] = [
        lambda: other.get(model.id),
        lambda: other.list(task_id),
        lambda: other.version(task_id),
        lambda: other.promote(task_id, 1),
        lambda: other.rollback(task_id),
        lambda: other.delete(model.id),
    ]
    for call in calls:
        with pytest.raises(NotFoundError):
            call()


def test_the_card_tells_data_metrics_and_environment_and_escapes_names() -> None:
    labels = (SnapshotLabel("a", "Apple"), SnapshotLabel("b", "| [x](http://evil) <script>\n# Pear"))
    items = [SnapshotItem("1", "f" * 64, "train", ("a",)), SnapshotItem("2", "e" * 64, "test", ("b",))]
    snapshot = make_snapshot(task_id="t", kind="multi_class", seed=3, evaluation_share=0.2, labels=labels, items=items)
    environment = {
        "xvlab": "1",
        "git_commit": "c0ffee",
        "python": "3.11",
        "platform": "Linux",
        "cpu": "CPU",
        "threads": "2",
        "notebook_sha256": "ab",
        "packages": {"torch": "2.0"},
    }
    metrics = {"evaluation": None, "test": SPLIT_METRICS}

    card = model_card(CardFacts("*Fruit*", snapshot, {"weights": "", "epochs": 3}, metrics, environment, "job"))

    assert card.startswith("---\nlibrary_name: xvlab")
    assert snapshot.sha256 in card
    assert "# \\*Fruit\\*" in card
    assert "| Apple | 1 | 0 | 0 |" in card
    assert "| \\| \\[x\\]\\(http://evil\\) \\<script\\> \\# Pear | 0 | 0 | 1 |" in card
    assert "| accuracy | 0.5000 |" in card
    assert "- epochs: `3`" in card
    assert "torch 2.0" in card
    assert "commit `c0ffee`" in card
