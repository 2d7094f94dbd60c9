"""Small workspaces for the widgets, and a trained model made without training: stored predictions are enough."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

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
