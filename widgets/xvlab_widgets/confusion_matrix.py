"""The confusion matrix whose cells open exactly the images they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from xvlab.errors import InvalidInputError
from xvlab.workspace import Workspace
from xvlab_widgets._base import STATIC, Message, XvBox, XvWidget, action
from xvlab_widgets.evaluated_images import EvaluatedImages

if TYPE_CHECKING:
    import plotly.graph_objects as go

SPLITS = ("test", "evaluation")


class MatrixGrid(XvWidget):
    """The grid of cells alone; :class:`ConfusionMatrix` puts the images below it.

    Args:
        on_open: Called with the ids of the true and the predicted label of a chosen cell.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "confusion_matrix.js"
    _css = STATIC / "confusion_matrix.css"

    #: ``{"labels": [{"id", "name"}], "counts": [[int]], "count", "accuracy"}``; a row per true label.
    matrix = traitlets.Dict().tag(sync=True)
    #: The open cell: ``{"true_label_id", "predicted_label_id"}``; empty when none is.
    cell = traitlets.Dict().tag(sync=True)

    def __init__(self, on_open: Callable[[str, str], None], **layout: Any) -> None:
        super().__init__(**layout)
        self._open = on_open

    @action("open_cell")
    def _on_open_cell(self, message: Message) -> None:
        self._open(message.text("true_label_id"), message.text("predicted_label_id"))


class ConfusionMatrix(XvBox):
    """Rows are what images are, columns what the model said; choosing a cell shows exactly its images below.

    Args:
        workspace: Where images and model lie.
        model_id: The model.
        split: ``test`` or ``evaluation``; ``None`` takes the test images when there are any.
        layout: Traits of ``VBox``.
    """

    def __init__(self, workspace: Workspace, model_id: str, *, split: str | None = None, **layout: Any) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self.model = workspace.models.get(model_id)
        self._metrics = workspace.models.metrics(model_id)
        self.split = ""
        self.grid = MatrixGrid(self.open_cell)
        self.images = EvaluatedImages(workspace, model_id)
        self.images.layout.display = "none"
        both = ipywidgets.HBox([self.grid, self.images])
        both.add_class("xv-side-by-side")
        self.show(both)
        with self.reporting():
            self.choose_split(split or next((name for name in SPLITS if self._metrics.get(name)), SPLITS[0]))

    def choose_split(self, split: str) -> None:
        """Show the matrix of ``test`` or ``evaluation`` images.

        Raises:
            InvalidInputError: There is no such split.
        """
        if split not in SPLITS:
            raise InvalidInputError(f"Expected a split out of {', '.join(SPLITS)}, got {split!r}. Choose one.")
        self.split = split
        self.images.layout.display = "none"
        report = self._metrics.get(split) or {}
        with self.grid.hold_sync():
            self.grid.cell = {}
            self.grid.matrix = {
                "labels": [{"id": row["label_id"], "name": row["name"]} for row in report.get("per_label", [])],
                "counts": report.get("confusion_matrix", []),
                "count": report.get("count", 0),
                "accuracy": report.get("accuracy"),
            }

    def open_cell(self, true_label_id: str, predicted_label_id: str) -> None:
        """Show the images of one cell below the matrix.

        Raises:
            NotFoundError: The model does not know one of the labels.
        """
        found = self.workspace.models.images_in_cell(self.model.id, true_label_id, predicted_label_id, self.split)
        names = {row["id"]: row["name"] for row in self.grid.matrix["labels"]}
        true, predicted = names.get(true_label_id, ""), names.get(predicted_label_id, "")
        what = "rightly called" if true_label_id == predicted_label_id else "called"
        self.images.show_images(found, f"{true} {what} {predicted}")
        self.images.layout.display = ""
        self.grid.cell = {"true_label_id": true_label_id, "predicted_label_id": predicted_label_id}

    def figure(self) -> go.Figure:
        """Return the matrix as a plotly figure, for a report or a picture.

        Raises:
            InvalidInputError: There are no images of this split.
        """
        from xvlab.reports import confusion_matrix_figure

        report = self._metrics.get(self.split)
        if not report:
            raise InvalidInputError(f"The model was not measured on {self.split} images. Choose the other split.")
        return confusion_matrix_figure(report)
