"""Images with what they are and what a model said, and the two cures for a wrong one: relabel it or leave it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from xvlab.errors import InvalidInputError, NotFoundError
from xvlab.metrics import FailedImage
from xvlab.workspace import Workspace
from xvlab.workspace.images import Image
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._undo import UndoStack
from xvlab_widgets._viewing import label_rows, thumbnail_run

PAGE_SIZE = 60


class EvaluatedImages(XvWidget):
    """A list of predicted images of one model; the base of :class:`FailedImages` and of a cell's images.

    Args:
        workspace: Where images and model lie.
        model_id: The model that predicted.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "evaluated_images.js"
    _css = STATIC / "evaluated_images.css"

    heading = traitlets.Unicode("").tag(sync=True)
    #: What to say when there is nothing to show.
    empty_text = traitlets.Unicode("").tag(sync=True)
    #: The page: ``[{"id", "name", "split", "true", "predicted", "score", "state"}]``; ``state`` tells what was done.
    rows = traitlets.List().tag(sync=True)
    #: ``{"sizes", "total", "first", "has_next", "has_previous"}`` of the page.
    page = traitlets.Dict().tag(sync=True)
    thumbnails = traitlets.Bytes(b"").tag(sync=True)
    #: Labels an image can be given: ``[{"id", "name", "color"}]``.
    labels = traitlets.List().tag(sync=True)
    can_undo = traitlets.Bool(default_value=False).tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)

    def __init__(self, workspace: Workspace, model_id: str, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self.model = workspace.models.get(model_id)
        self._class_labels = workspace.models.labels(model_id)
        self._found: Sequence[FailedImage] = ()
        self._first = 0
        self._states: dict[str, str] = {}
        self._undo = UndoStack()

    @property
    def image_ids(self) -> tuple[str, ...]:
        """Ids of all images of the list, in order, those on other pages too."""
        return tuple(row.image_id for row in self._found)

    def show_images(self, found: Sequence[FailedImage], heading: str) -> None:
        """Put these images in place of the present ones."""
        self._found, self._first, self.heading, self.notice = tuple(found), 0, heading, ""
        self._show_page()

    @action("next")
    def _on_next(self, _message: Message) -> None:
        if self._first + PAGE_SIZE < len(self._found):
            self._first += PAGE_SIZE
            self._show_page()

    @action("previous")
    def _on_previous(self, _message: Message) -> None:
        self._first = max(0, self._first - PAGE_SIZE)
        self._show_page()

    @action("relabel")
    def _on_relabel(self, message: Message) -> None:
        image_id, label_id = self._known(message.text("image_id")), message.text("label_id")
        annotations = self.workspace.annotations
        change = annotations.set_category(self.model.task_id, image_id, label_id)
        name = next((row["name"] for row in self._task_labels() if row["id"] == label_id), label_id)
        self._mark(image_id, f"now {name}")
        self._undo.push(lambda: self._unmark(image_id, lambda: annotations.undo(change)))
        self._refresh(f"Labelled {name}. The next training learns it.")

    @action("exclude")
    def _on_exclude(self, message: Message) -> None:
        image_id, task_id = self._known(message.text("image_id")), self.model.task_id
        annotations = self.workspace.annotations
        annotations.exclude(task_id, image_id)
        self._mark(image_id, "excluded")
        self._undo.push(lambda: self._unmark(image_id, lambda: annotations.include(task_id, image_id)))
        self._refresh("Excluded from the task. The next training does not use it.")

    @action("undo")
    def _on_undo(self, _message: Message) -> None:
        if self._undo.undo():
            self._refresh("Taken back.")

    def _known(self, image_id: str) -> str:
        if image_id not in self.image_ids:
            raise InvalidInputError("This image is not in the list any more. Reload the page.", field="image_id")
        return image_id

    def _mark(self, image_id: str, state: str) -> None:
        self._states[image_id] = state

    def _unmark(self, image_id: str, take_back: Callable[[], object]) -> None:
        take_back()
        self._states.pop(image_id, None)

    def _refresh(self, notice: str) -> None:
        self.notice = notice
        self.can_undo = bool(self._undo)
        self.rows = [{**row, "state": self._states.get(row["id"], "")} for row in self.rows]

    def _task_labels(self) -> list[dict[str, str]]:
        return label_rows(self.workspace.tasks.get(self.model.task_id).labels)

    def _show_page(self) -> None:
        found = self._found[self._first : self._first + PAGE_SIZE]
        shown = [(row, image) for row in found if (image := self._image(row.image_id))]
        run = thumbnail_run(self.workspace, (image for _row, image in shown))
        with self.hold_sync():
            self.labels = self._task_labels()
            self.thumbnails = run.data
            self.rows = [self._describe(row, image) for row, image in shown]
            self.page = {
                "sizes": run.sizes,
                "total": len(self._found),
                "first": self._first + 1,
                "has_next": self._first + PAGE_SIZE < len(self._found),
                "has_previous": self._first > 0,
            }

    def _image(self, image_id: str) -> Image | None:
        try:
            return self.workspace.images.get(image_id)
        except NotFoundError:
            return None  # deleted since the model was evaluated

    def _describe(self, row: FailedImage, image: Image) -> dict[str, Any]:
        true, predicted = self._class_labels[row.true_index], self._class_labels[row.predicted_index]
        return {
            "id": image.id, "name": image.name, "split": row.split, "score": row.score,
            "true": {"id": true.id, "name": true.name}, "predicted": {"id": predicted.id, "name": predicted.name},
            "state": self._states.get(image.id, ""),
        }  # fmt: skip
