"""Give each image one label of a task: number keys, undo, and the next image loaded already."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray
from PIL import Image as Pillow

from xvlab.errors import InvalidInputError, XvlabError
from xvlab.workspace import Workspace
from xvlab.workspace.images import Image
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._labelling_queue import LabellingQueue
from xvlab_widgets._slots import ImageSlots
from xvlab_widgets._viewing import encode_for_screen, label_rows, viewing_bytes

Item = Image | str | bytes | Path | Pillow.Image | NDArray[np.uint8]


class ClassLabeller(XvWidget):
    """Label the images of a ``multi_class`` task one after the other; each label is in the store before the next shows.

    It has the interface of ipyannotations' labellers: :meth:`display`, :meth:`on_submit`, :meth:`on_undo` and
    :attr:`data`, a label's name (``None`` for a skipped image).

    Args:
        workspace: Where images and labels lie.
        task: The task, or its name or id.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "class_labeller.js"
    _css = STATIC / "class_labeller.css"

    #: Name of the task, for the heading.
    task_name = traitlets.Unicode("").tag(sync=True)
    #: Labels in the order of their number keys: ``[{"id", "name", "color"}]``.
    labels = traitlets.List().tag(sync=True)
    #: The image shown: ``{"image_id", "sequence", "name", "width", "height", "label_id", "is_test"}``; or empty.
    current = traitlets.Dict().tag(sync=True)
    #: Image keys of the three slots, in order; the bytes are in ``slot_0`` to ``slot_2``.
    slot_keys = traitlets.List(default_value=["", "", ""]).tag(sync=True)
    slot_0 = traitlets.Bytes(b"").tag(sync=True)
    slot_1 = traitlets.Bytes(b"").tag(sync=True)
    slot_2 = traitlets.Bytes(b"").tag(sync=True)
    #: ``{"labelled", "total", "per_label": {label id: count}, "skipped"}``.
    progress = traitlets.Dict().tag(sync=True)
    can_undo = traitlets.Bool(default_value=False).tag(sync=True)
    can_go_back = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, workspace: Workspace, task: Task | str, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._task = task if isinstance(task, Task) else workspace.tasks.resolve(task)
        self._queue = LabellingQueue(workspace, self._task)
        self._slots = ImageSlots(self)
        self._sequence = 0
        self._shown_id: str | None = None
        self._data: str | None = None
        self._submit_callbacks: list[Callable[[str | None], object]] = []
        self._undo_callbacks: list[Callable[[], object]] = []
        self.task_name = self._task.name
        self._read_labels()
        with self.reporting():
            self._queue.advance()
            self._present()

    # ---- the interface of ipyannotations ----

    @property
    def data(self) -> str | None:
        """Name of the label of the image shown, or of the one just submitted; ``None`` without a label."""
        return self._data

    def on_submit(self, callback: Callable[[str | None], object]) -> None:
        """Call ``callback(label_name)`` after each label is stored, ``callback(None)`` after a skip."""
        self._submit_callbacks.append(callback)

    def on_undo(self, callback: Callable[[], object]) -> None:
        """Call ``callback()`` when somebody wants to take back and nothing of this session is left to take back."""
        self._undo_callbacks.append(callback)

    def display(self, item: Item) -> None:
        """Show an image now.

        Args:
            item: An image of the workspace (or its id), whose label goes to the store; or foreign bytes, a path, a
                Pillow image or a uint8 array of shape ``(h, w, 3)``, for which only the callbacks are called.

        Raises:
            InvalidInputError: It is nothing that can be shown.
        """
        if isinstance(item, (Image, str)):
            image = self.workspace.images.get(item) if isinstance(item, str) else item
            self._queue.visit(image.id)
            self._present()
        else:
            self._present_foreign(_as_picture(item))

    # ---- what the browser sends ----

    def handle(self, content: Mapping[str, Any], buffers: Sequence[bytes | memoryview] = ()) -> None:
        """Do what a message asks, and go on where somebody deleted the image shown."""
        super().handle(content, buffers)
        if self._shown_id and self._queue.current is None:
            with self.reporting():
                self._queue.advance()
                self._present()

    @action("submit")
    def _on_submit(self, message: Message) -> None:
        if not self._is_fresh(message):
            return
        label = next((row for row in self.labels_of_task() if row.id == message.text("label_id")), None)
        if label is None:
            raise InvalidInputError("This label is no longer in the task. Reload the page.")
        if self._shown_id:
            self._queue.submit(label.id)
        self._finish(label.name)

    @action("skip")
    def _on_skip(self, message: Message) -> None:
        if self._is_fresh(message):
            if self._shown_id:
                self._queue.skip()
            self._finish(None)

    @action("exclude")
    def _on_exclude(self, message: Message) -> None:
        if self._is_fresh(message) and self._shown_id:
            self._queue.exclude()
            self._finish(None)

    @action("undo")
    def _on_undo(self, _message: Message) -> None:
        if self._queue.undo():
            self._present()
            return
        for callback in self._undo_callbacks:
            callback()

    @action("back")
    def _on_back(self, _message: Message) -> None:
        self._queue.back()
        self._present()

    @action("restart")
    def _on_restart(self, _message: Message) -> None:
        self._queue.restart()
        self._present()

    @action("add_label")
    def _on_add_label(self, message: Message) -> None:
        name = message.text("name").strip()
        if not name:
            raise InvalidInputError("Expected a name for the label, got nothing. Type one.", field="name")
        if any(label.name == name for label in self.labels_of_task()):
            raise InvalidInputError(f"The task has a label {name!r} already. Choose it, or type another name.")
        labels = self.workspace.labels
        label = labels.find(name, kind="category") or labels.create(name)
        self.workspace.tasks.add_label(self._task.id, label.id)
        self._read_labels()

    # ---- inside ----

    def labels_of_task(self) -> tuple[Any, ...]:
        """Labels of the task as the store has them now."""
        return self.workspace.tasks.get(self._task.id).labels

    def _read_labels(self) -> None:
        self.labels = label_rows(self.labels_of_task())

    def _is_fresh(self, message: Message) -> bool:
        """Whether a gesture was meant for the image shown now; a second click comes too late and is ignored."""
        is_same = message.text("image_id") == self.current.get("image_id", "")
        return bool(self._sequence) and is_same and message.integer("sequence") == self._sequence

    def _finish(self, label_name: str | None) -> None:
        """Tell the callbacks, then show the next image unless a callback has shown one."""
        self._data = label_name
        before = self._sequence
        for callback in self._submit_callbacks:
            callback(label_name)
        if self._sequence == before and self._shown_id:
            self._queue.advance()
            self._present()

    def _present(self) -> None:
        """Show the queue's current image first, then load the one after it."""
        image = self._queue.current
        self._sequence += 1
        self._shown_id = image.id if image else None
        label_ids = {label.id: label.name for label in self.labels_of_task()}
        label_id = next((label.id for label in image.labels if label.id in label_ids), "") if image else ""
        self._data = label_ids.get(label_id)
        with self.hold_sync():
            if image:
                self._slots.put(image.id, lambda: self._bytes_of(image))
            self.current = self._describe(image, label_id) if image else {}
            self._report_progress()
        following = self._queue.upcoming()
        if following:
            keep = {image.id} if image else set()
            self._slots.put(following.id, lambda: self._bytes_of(following), keep=keep)

    def _bytes_of(self, image: Image) -> bytes:
        """Bytes for the screen; none of an image that cannot be read, so that it can be skipped or excluded."""
        try:
            return viewing_bytes(self.workspace, image)
        except XvlabError as problem:
            self.error = problem.message
            return b""

    def _present_foreign(self, picture: Pillow.Image) -> None:
        self._sequence += 1
        self._shown_id, self._data = None, None
        key = f"foreign-{self._sequence}"
        with self.hold_sync():
            self._slots.put(key, lambda: encode_for_screen(picture))
            self.current = {
                "image_id": key, "sequence": self._sequence, "name": "", "label_id": "", "is_test": False,
                "width": picture.width, "height": picture.height,
            }  # fmt: skip

    def _describe(self, image: Image, label_id: str) -> dict[str, Any]:
        return {
            "image_id": image.id, "sequence": self._sequence, "name": image.name, "label_id": label_id,
            "width": image.width, "height": image.height, "is_test": image.is_test,
        }  # fmt: skip

    def _report_progress(self) -> None:
        progress = self.workspace.annotations.progress(self._task.id)
        self.progress = {
            "labelled": progress.labelled, "total": progress.total, "per_label": dict(progress.per_label),
            "skipped": len(self._queue.skipped),
        }  # fmt: skip
        self.can_undo = self._queue.can_undo
        self.can_go_back = self._queue.can_go_back


def _as_picture(item: object) -> Pillow.Image:
    if isinstance(item, Pillow.Image):
        return item
    try:
        if isinstance(item, (bytes, bytearray)):
            return Pillow.open(io.BytesIO(item))
        if isinstance(item, Path):
            return Pillow.open(item)
        if isinstance(item, np.ndarray) and item.dtype == np.uint8:
            return Pillow.fromarray(item)
    except (OSError, ValueError, TypeError) as problem:
        raise InvalidInputError(f"This cannot be read as an image ({problem}). Give another one.") from problem
    message = f"Expected an image, its id, bytes, a path, a Pillow image or a uint8 array, got {type(item).__name__}."
    raise InvalidInputError(f"{message} Convert it first.")
