"""The images a model got wrong, its most confident mistakes first."""

from __future__ import annotations

from typing import Any

from xvlab.workspace import Workspace
from xvlab_widgets.evaluated_images import EvaluatedImages

MOST = 1000


class FailedImages(EvaluatedImages):
    """List of mistakes; each can be relabelled or excluded with one click, and that taken back.

    Args:
        workspace: Where images and model lie.
        model_id: The model.
        split: ``evaluation`` or ``test``; ``None`` takes both.
        layout: Traits of ``DOMWidget``.
    """

    def __init__(self, workspace: Workspace, model_id: str, *, split: str | None = None, **layout: Any) -> None:
        super().__init__(workspace, model_id, **layout)
        self.empty_text = "The model got every one of these images right."
        with self.reporting():
            self.choose_split(split)

    def choose_split(self, split: str | None) -> None:
        """Show the mistakes among ``evaluation`` or ``test`` images, or both."""
        failed = self.workspace.models.failed(self.model.id, split, limit=MOST)
        self.show_images(failed, "Failed images")
