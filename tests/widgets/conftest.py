"""Small workspaces for the widgets, and a trained model made without training: stored predictions are enough."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from xvlab.data.predictions import Predictions
from xvlab.data.snapshot import SnapshotLabel
from xvlab.jobs import JobQueue
from xvlab.metrics import evaluate_classification
from xvlab.registry import JobFence, ModelRecord, NewModel, Registry
from xvlab.workspace import Workspace
from xvlab.workspace.images import Image
from xvlab.workspace.tasks import Task


def picture_bytes(seed: int, size_wh: tuple[int, int] = (24, 16), kind: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size_wh[1], size_wh[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@dataclass(frozen=True)
class Shop:
    """A workspace with twelve images and a task with the labels shirt, shoe and hat; nothing is labelled."""

    workspace: Workspace
    task: Task
    images: tuple[Image, ...]

    def label_id(self, name: str) -> str:
        return next(label.id for label in self.task.labels if label.name == name)

    def names_of(self, image_id: str) -> list[str]:
        return [label.name for label in self.workspace.images.get(image_id).labels]


@pytest.fixture
def shop(workspace: Workspace) -> Shop:
    task = workspace.tasks.create("clothes", label_names=("shirt", "shoe", "hat"))
    images = tuple(workspace.images.add(picture_bytes(i), name=f"photo {i:02}.png") for i in range(12))
    return Shop(workspace, task, images)


def gesture(widget: Any, action: str, **values: Any) -> None:
    """Send what the browser sends for the image shown now."""
    shown = {"image_id": widget.current.get("image_id", ""), "sequence": widget.current.get("sequence", 0)}
    widget.handle({"action": action, **shown, **values})


@pytest.fixture
def trained(shop: Shop) -> ModelRecord:
    """Version 1 of the task: 4 images are held out and 2 are tests; of each, one is called by a wrong name."""
    ids = [image.id for image in shop.images]
    shop.workspace.images.set_test(ids[10:], flag=True)
    for place, image_id in enumerate(ids):
        name = ("shirt", "shoe", "hat")[place % 3]
        shop.workspace.annotations.set_category(shop.task.id, image_id, shop.label_id(name))
    return register_model(
        shop, [*zip(ids[:4], ["evaluation"] * 4, strict=True), *zip(ids[10:], ["test"] * 2, strict=True)]
    )


def register_model(shop: Shop, rows: list[tuple[str, str]]) -> ModelRecord:
    """Register a model as a job does, with predictions that call the first image of each split by the next name."""
    place_of = {image.id: place for place, image in enumerate(shop.images)}
    true = np.array([place_of[image_id] % 3 for image_id, _split in rows], dtype=np.int64)
    is_first = np.array([place == 0 or rows[place - 1][1] != rows[place][1] for place in range(len(rows))])
    called = np.where(is_first, (true + 1) % 3, true)
    probabilities = np.full((len(rows), 3), 0.1, dtype=np.float32)
    probabilities[np.arange(len(rows)), called] = 0.8
    predictions = Predictions(
        np.array([image_id for image_id, _split in rows]), np.array([split for _id, split in rows]), true, probabilities
    )
    labels = [SnapshotLabel(label.id, label.name) for label in shop.task.labels]
    workspace = shop.workspace
    job = workspace.jobs.submit_training(shop.task.id)
    attempt = JobQueue(workspace.home.database).claim(host="here", slots=99, lease_seconds=60.0)
    assert attempt is not None
    assert attempt.job_id == job.id
    model = NewModel(
        shop.task.id, job.inputs["snapshot_id"], {"preset": "small"}, evaluate_classification(predictions, labels),
        {"predictions.npz": workspace.home.blobs.put(predictions.to_bytes())}, {"accuracy": 0.75}, promote=True,
    )  # fmt: skip
    return Registry(workspace.home.database, workspace.id).register(
        model, fence=JobFence(attempt.job_id, attempt.token)
    )
