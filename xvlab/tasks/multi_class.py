"""``multi_class``: exactly one label for each image."""

from __future__ import annotations

from .kinds import TaskKind, register_kind

MULTI_CLASS = register_kind(
    TaskKind(
        name="multi_class",
        title="One category per image",
        description="Each image belongs to exactly one of the labels, for example a kind of product.",
        label_kind="category",
        widget="ClassLabeller",
        answer="scores",
        best_metric="accuracy",
        best_is_highest=True,
    )
)
