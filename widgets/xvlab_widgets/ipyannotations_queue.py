"""ipyannotations' own labellers, fed from the store, for JupyterLab; its front end is of 2022 and mended here.

What is mended: the event watcher among the children (an error block in JupyterLab, a page that never loads in Voilà,
which is what :class:`ClassLabeller` is for); hot keys that fire twice or for text typed into a field; free text that
becomes a new class; images that are sent at full size, change their contrast or cannot be converted; a submit before
any class was chosen.
"""

from __future__ import annotations

import io
from typing import Any, Literal

import ipywidgets
import traitlets
from PIL import Image as Pillow

from xvlab._optional import require
from xvlab.errors import InvalidInputError
from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import XvBox
from xvlab_widgets._geometry import shrink_to_fit
from xvlab_widgets._labelling_queue import LabellingQueue
from xvlab_widgets._viewing import viewing_bytes

Labeller = Literal["class", "multiclass"]


class IpyannotationsQueue(XvBox):
    """Label a task with ``ipyannotations.images.ClassLabeller`` or ``MulticlassLabeller``; labels go to the store.

    Args:
        workspace: Where images and labels lie.
        task: The task, or its name or id.
        labeller: ``class`` takes one label for each image; ``multiclass`` the labeller that ticks several, of which
            a task with one label for each image takes exactly one.
        image_size_wh: Images are shrunk to this before they are shown, in pixels.
        layout: Traits of ``VBox``.
    """

    #: Progress in words.
    status = traitlets.Unicode("")

    def __init__(
        self,
        workspace: Workspace,
        task: Task | str,
        *,
        labeller: Labeller = "class",
        image_size_wh: tuple[int, int] = (500, 500),
        **layout: Any,
    ) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._task = task if isinstance(task, Task) else workspace.tasks.resolve(task)
        self._queue = LabellingQueue(workspace, self._task)
        self._image_size_wh = image_size_wh
        self.labeller = _make_labeller(labeller, [label.name for label in self._task.labels])
        self.labeller.on_submit(self.submit)
        self.labeller.on_undo(self.undo)
        text = ipywidgets.HTML()
        traitlets.dlink((self, "status"), (text, "value"))
        self.show(self.labeller, text)
        with self.reporting():
            self._queue.advance()
            self._show()

    def submit(self, data: str | list[str] | None) -> None:
        """Take what the labeller gives: a name, a list of names, or ``None`` for a skip; stored at once."""
        self.error = ""
        with self.reporting():
            if data is None:
                self._queue.skip()
            else:
                self._queue.submit(self._label_id([data] if isinstance(data, str) else list(data)))
            self._queue.advance()
            self._show()

    def undo(self) -> None:
        """Take the last label back and show its image again."""
        self.error = ""
        with self.reporting():
            if self._queue.undo():
                self._show()

    def _label_id(self, names: list[str]) -> str:
        if len(names) != 1:
            raise InvalidInputError(f"Expected exactly one label, got {len(names)}. Tick one and submit again.")
        found = next((label.id for label in self._task.labels if label.name == names[0]), None)
        if found is None:
            raise InvalidInputError(f"The task has no label {names[0]!r}. Choose one of its labels first.")
        return found

    def _show(self) -> None:
        image = self._queue.current
        progress = self.workspace.annotations.progress(self._task.id)
        self.status = f"{progress.labelled:,} of {progress.total:,} images labelled."
        if image is None:
            self.labeller.layout.display = "none"
            self.status += " All done."
            return
        self.labeller.layout.display = ""
        picture = Pillow.open(io.BytesIO(viewing_bytes(self.workspace, image))).convert("RGB")
        self.labeller.display(picture.resize(shrink_to_fit(picture.size, self._image_size_wh)))


def _make_labeller(kind: Labeller, names: list[str]) -> Any:
    images = require("ipyannotations.images", extra="notebook")
    display = require("IPython.display", extra="notebook").display
    if kind == "class":
        made = images.ClassLabeller(options=names, allow_freetext=False, track_keystrokes=False, max_buttons=len(names))
    elif kind == "multiclass":
        made = images.MulticlassLabeller(options=names, track_keystrokes=False)  # fails without its free text
        made.freetext_widget.disabled, made.freetext_widget.layout.display = True, "none"
    else:
        raise InvalidInputError(f"Expected the labeller class or multiclass, got {kind!r}. Choose one of them.")
    made.display_function = display  # its own stretches the contrast, so that people judge altered pixels
    made.children = tuple(child for child in made.children if child is not made.event_watcher)
    return made
