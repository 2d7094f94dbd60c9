"""A later snapshot, seen by a model that was trained on an earlier one."""

from __future__ import annotations

from dataclasses import replace

from xvlab.data.snapshot import Snapshot, SnapshotItem, make_snapshot


def present_snapshot(present: Snapshot, trained_on: Snapshot) -> Snapshot:
    """Return the present images in the model's class order, without those whose label the model does not know.

    An image that the model learned from stays ``train`` whatever the new split says, and one that was held out of its
    training stays ``evaluation``: otherwise the measured numbers would flatter the model. Images count by their bytes.
    """
    known = {label.id for label in trained_on.labels}
    before = {item.sha256: item.split for item in trained_on.items}
    names = {label.id: label for label in present.labels}

    def as_seen(item: SnapshotItem) -> SnapshotItem:
        earlier = before.get(item.sha256)
        if item.split == "test" and earlier != "train":
            return item
        return replace(item, split=earlier if earlier in ("train", "evaluation") else item.split)

    return make_snapshot(
        task_id=present.task_id,
        kind=present.kind,
        seed=present.seed,
        evaluation_share=present.evaluation_share,
        labels=(names.get(label.id, label) for label in trained_on.labels),
        items=(as_seen(item) for item in present.items if set(item.label_ids) <= known),
    )
