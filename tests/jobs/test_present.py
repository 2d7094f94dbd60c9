"""A later snapshot as an earlier model must see it: nothing that it learned from is counted."""

from __future__ import annotations

from xvlab.data.snapshot import Snapshot, SnapshotItem, SnapshotLabel, Split, make_snapshot
from xvlab.jobs.present import present_snapshot

A, B, NEW = SnapshotLabel("a", "A"), SnapshotLabel("b", "B"), SnapshotLabel("n", "New")


def snapshot(labels: tuple[SnapshotLabel, ...], *items: tuple[str, Split, str]) -> Snapshot:
    made = [SnapshotItem(f"id-{name}", name * 64, split, (label,)) for name, split, label in items]
    return make_snapshot(task_id="t", kind="multi_class", seed=0, evaluation_share=0.2, labels=labels, items=made)


def splits(of: Snapshot) -> dict[str, str]:
    return {item.sha256[0]: item.split for item in of.items}


def test_an_empty_snapshot_stays_empty() -> None:
    assert present_snapshot(snapshot((A, B)), snapshot((A, B))).items == ()


def test_images_that_were_learned_from_are_never_counted() -> None:
    before = snapshot((A, B), ("1", "train", "a"), ("2", "train", "a"), ("3", "train", "a"), ("4", "evaluation", "b"))
    now = snapshot((A, B), ("1", "evaluation", "a"), ("2", "test", "a"), ("3", "train", "a"), ("4", "test", "b"))

    assert splits(present_snapshot(now, before)) == {"1": "train", "2": "train", "3": "train", "4": "test"}


def test_new_images_count_as_they_are_split_now() -> None:
    before = snapshot((A, B), ("1", "evaluation", "a"), ("9", "test", "a"))
    now = snapshot(
        (A, B),
        ("1", "train", "a"),
        ("5", "test", "a"),
        ("6", "evaluation", "b"),
        ("7", "train", "b"),
        ("9", "evaluation", "a"),
    )

    seen = splits(present_snapshot(now, before))
    assert seen == {"1": "evaluation", "5": "test", "6": "evaluation", "7": "train", "9": "evaluation"}


def test_classes_keep_the_order_of_the_model_and_unknown_labels_are_left_out() -> None:
    before = snapshot((B, A), ("1", "train", "a"))
    now = snapshot((A, NEW, SnapshotLabel("b", "B renamed")), ("2", "test", "n"), ("3", "test", "b"))

    seen = present_snapshot(now, before)

    assert [(label.id, label.name) for label in seen.labels] == [("b", "B renamed"), ("a", "A")]
    assert splits(seen) == {"3": "test"}
