"""All images of a workspace as a grid of thumbnails: filter, look closely, choose many and change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from xvlab.errors import InvalidInputError
from xvlab.workspace import Workspace
from xvlab.workspace.images import Image, ImageFilter
from xvlab.workspace.pages import Page
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._undo import UndoStack
from xvlab_widgets._viewing import label_colors, label_rows, thumbnail_run, viewing_bytes

PAGE_SIZE = 60
_STATES = ("all", "labelled", "unlabelled", "test", "training", "excluded")


class Gallery(XvWidget):
    """A grid of images with filters and actions on the chosen ones.

    Args:
        workspace: Whose images are shown.
        task: The task whose labels are given and filtered by, or its name or id; without one nothing is labelled here.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "gallery.js"
    _css = STATIC / "gallery.css"

    #: Ids of the chosen images. Also set by the browser: read it, and pass what you got through the workspace.
    selected_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: Labels of the task: ``[{"id", "name", "color"}]``.
    labels = traitlets.List().tag(sync=True)
    has_task = traitlets.Bool(default_value=False).tag(sync=True)
    #: The filter in force: ``{"state", "label_id", "search"}``.
    shown_filter = traitlets.Dict().tag(sync=True)
    #: ``{"items": [{"id", "name", "width", "height", "is_test", "is_excluded", "labels"}], "sizes", "count", "first",
    #: "has_next", "has_previous"}``.
    page = traitlets.Dict().tag(sync=True)
    #: Thumbnails of the page in one run of bytes; ``page["sizes"]`` parts it.
    thumbnails = traitlets.Bytes(b"").tag(sync=True)
    #: The image looked at closely: one item of the page; empty when none is.
    opened = traitlets.Dict().tag(sync=True)
    opened_bytes = traitlets.Bytes(b"").tag(sync=True)
    can_undo = traitlets.Bool(default_value=False).tag(sync=True)
    #: What was done last, for people.
    notice = traitlets.Unicode("").tag(sync=True)

    def __init__(self, workspace: Workspace, task: Task | str | None = None, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._task = workspace.tasks.resolve(task) if isinstance(task, str) else task
        self._filter = {"state": "all", "label_id": "", "search": ""}
        self._cursors: list[str | None] = [None]
        self._shown: Page[Image] | None = None
        self._undo = UndoStack()
        self.has_task = self._task is not None
        with self.reporting():
            self.refresh()

    def refresh(self) -> None:
        """Read the page and the labels from the store again."""
        if self._task:
            self._task = self.workspace.tasks.get(self._task.id)
        shown = self.workspace.images.page(self._image_filter(), after=self._cursors[-1], limit=PAGE_SIZE)
        if not shown.items and len(self._cursors) > 1:
            self._cursors.pop()
            return self.refresh()
        is_same = self._shown is not None and [row.id for row in self._shown.items] == [row.id for row in shown.items]
        self._shown = shown
        with self.hold_sync():
            sizes = self.page["sizes"] if is_same else self._load_thumbnails(shown)
            self.labels = label_rows(self._task.labels) if self._task else []
            self.shown_filter = dict(self._filter)
            self.page = self._describe_page(shown, sizes)
            self.can_undo = bool(self._undo)
        return None

    # ---- looking ----

    @action("filter")
    def _on_filter(self, message: Message) -> None:
        state = message.text("state", "all")
        if state not in _STATES:
            raise InvalidInputError(
                f"Expected a state out of {', '.join(_STATES)}, got {state!r}. Choose one.", field="state"
            )
        self._filter = {"state": state, "label_id": message.text("label_id", ""), "search": message.text("search", "")}
        self._cursors = [None]
        self.notice = ""
        self.refresh()

    @action("next")
    def _on_next(self, _message: Message) -> None:
        if self._shown and self._shown.next:
            self._cursors.append(self._shown.next)
            self.refresh()

    @action("previous")
    def _on_previous(self, _message: Message) -> None:
        if len(self._cursors) > 1:
            self._cursors.pop()
            self.refresh()

    @action("open")
    def _on_open(self, message: Message) -> None:
        image = self.workspace.images.get(message.text("image_id"))
        with self.hold_sync():
            self.opened_bytes = viewing_bytes(self.workspace, image)
            self.opened = self._describe(image)

    @action("close")
    def _on_close(self, _message: Message) -> None:
        with self.hold_sync():
            self.opened, self.opened_bytes = {}, b""

    # ---- changing ----

    @action("set_label")
    def _on_set_label(self, message: Message) -> None:
        task, ids, label_id = self._require_task(), message.texts("image_ids"), message.text("label_id")
        label = next((label for label in task.labels if label.id == label_id), None)
        if label is None:
            raise InvalidInputError("This label is no longer in the task. Reload the page.", field="label_id")
        annotations = self.workspace.annotations
        changes = [annotations.set_category(task.id, image_id, label_id) for image_id in ids]
        self._done(
            f"{_images(ids)} labelled {label.name}.", lambda: [annotations.undo(one) for one in reversed(changes)]
        )

    @action("set_excluded")
    def _on_set_excluded(self, message: Message) -> None:
        task, ids, flag = self._require_task(), message.texts("image_ids"), message.flag("flag")
        annotations = self.workspace.annotations
        do, take_back = (annotations.exclude, annotations.include)[:: 1 if flag else -1]
        changed = [image_id for image_id in ids if annotations.is_excluded(task.id, image_id) != flag]
        for image_id in changed:
            do(task.id, image_id)
        what = "excluded from the task" if flag else "taken back into the task"
        self._done(f"{_images(changed)} {what}.", lambda: [take_back(task.id, image_id) for image_id in changed])

    @action("set_test")
    def _on_set_test(self, message: Message) -> None:
        ids, flag = message.texts("image_ids"), message.flag("flag")
        images = self.workspace.images
        changed = [image.id for image in images.get_many(ids) if image.is_test != flag]
        images.set_test(changed, flag)
        what = "marked as test images" if flag else "made training images"
        self._done(f"{_images(changed)} {what}.", lambda: images.set_test(changed, not flag))

    @action("delete")
    def _on_delete(self, message: Message) -> None:
        ids = message.texts("image_ids")
        for image_id in ids:
            self.workspace.images.delete(image_id)
        self._undo.clear()  # what was done before may concern images that are gone
        self.selected_ids = [image_id for image_id in self.selected_ids if image_id not in ids]
        self.opened, self.opened_bytes = {}, b""
        self.notice = f"{_images(ids)} deleted."
        self.refresh()

    @action("undo")
    def _on_undo(self, _message: Message) -> None:
        if self._undo.undo():
            self.notice = "Taken back."
            self._refresh_all()

    # ---- inside ----

    def _done(self, notice: str, take_back: Callable[[], object]) -> None:
        self._undo.push(take_back)
        self.notice = notice
        self._refresh_all()

    def _refresh_all(self) -> None:
        self.refresh()
        if self.opened:
            self.opened = self._describe(self.workspace.images.get(self.opened["id"]))

    def _require_task(self) -> Task:
        if self._task is None:
            raise InvalidInputError("Labels belong to a task, and none was chosen here. Give the gallery a task.")
        return self._task

    def _image_filter(self) -> ImageFilter:
        state, label_id = self._filter["state"], self._filter["label_id"]
        task_id = self._task.id if self._task else None
        return ImageFilter(
            label_ids=(label_id,) if label_id else (),
            without_label_of_task=task_id if state == "unlabelled" else None,
            task_id=task_id if state == "labelled" else None,
            is_test={"test": True, "training": False}.get(state),
            excluded_from=task_id if state == "excluded" else None,
            search=self._filter["search"],
        )

    def _load_thumbnails(self, shown: Page[Image]) -> list[int]:
        run = thumbnail_run(self.workspace, shown.items)
        self.thumbnails = run.data
        return run.sizes

    def _describe_page(self, shown: Page[Image], sizes: list[int]) -> dict[str, Any]:
        return {
            "items": [self._describe(image) for image in shown.items],
            "sizes": sizes,
            "count": shown.count,
            "first": (len(self._cursors) - 1) * PAGE_SIZE + 1,
            "has_next": shown.next is not None,
            "has_previous": len(self._cursors) > 1,
        }

    def _describe(self, image: Image) -> dict[str, Any]:
        colors = label_colors(self._task.labels) if self._task else {}
        shown = [label for label in image.labels if not self._task or label.id in colors]
        is_excluded = bool(self._task) and self.workspace.annotations.is_excluded(self._require_task().id, image.id)
        return {
            "id": image.id, "name": image.name, "width": image.width, "height": image.height,
            "format": image.format, "byte_count": image.byte_count,
            "is_test": image.is_test, "is_excluded": is_excluded,
            "labels": [{"id": one.id, "name": one.name, "color": colors.get(one.id, one.color)} for one in shown],
        }  # fmt: skip


def _images(ids: tuple[str, ...] | list[str]) -> str:
    return f"{len(ids)} image" if len(ids) == 1 else f"{len(ids)} images"
