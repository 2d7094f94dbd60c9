"""Answers of the models in this process: the API gives them to machines, scripts and the command line ask directly."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from xvlab.data.images import decode_rgb
from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import XvlabError
from xvlab.serving import LiveModels

from .context import WorkspaceContext

if TYPE_CHECKING:
    from xvlab.registry import ModelRecord

    from .home import Home
    from .models import Models

_MODELS_IN_MEMORY = 4
Labels = tuple[SnapshotLabel, ...]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label with its probability in [0, 1]."""

    label_id: str
    label_name: str
    score: float


@dataclass(frozen=True, slots=True)
class Classification:
    """What a model says about an image.

    Attributes:
        label_id: The most probable label.
        label_name: Its name.
        score: Its probability in [0, 1].
        all: All labels, most probable first.
        width: Pixels of the image as seen.
        height: Pixels of the image as seen.
    """

    label_id: str
    label_name: str
    score: float
    all: tuple[LabelScore, ...]
    width: int
    height: int


class Live:
    """Classification in one workspace; models are shared by all workspaces of a home and loaded when first asked."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def classify(self, task_id: str, images: Sequence[bytes], version: int | None = None) -> list[Classification]:
        """Classify encoded images.

        Args:
            task_id: The task whose model answers.
            images: Files as bytes.
            version: Version of the model; ``None`` takes the one in production.

        Raises:
            ImageRejectedError: One of them is no image that is taken in.
            NotFoundError: The task has no such version, or none in production.
            RateLimitedError: Too many requests wait for this model.
        """
        _, results = self.classify_each(task_id, images, version=version)
        for result in results:
            if isinstance(result, XvlabError):
                raise result
        return [result for result in results if isinstance(result, Classification)]

    def classify_each(
        self, task_id: str, images: Sequence[bytes | XvlabError], *, version: int | None = None
    ) -> tuple[ModelRecord, list[Classification | XvlabError]]:
        """Classify the images that can be read, and return for each of the others why it could not.

        An image that is already an error stays one.
        """
        model = self._model(task_id, version)
        decoded = [self._decode(image) for image in images]
        readable = [image for image in decoded if not isinstance(image, XvlabError)]
        labels: Labels = ()
        probabilities: list[NDArray[np.float32]] = []
        if readable:
            answer = live_models(self._context.home).predict(model.id, lambda: self._models().fetch(model.id), readable)
            labels, probabilities = answer.labels, list(answer.probabilities)
        rows = iter(probabilities)
        results = [
            image if isinstance(image, XvlabError) else _classification(labels, next(rows), image) for image in decoded
        ]
        return model, results

    def _model(self, task_id: str, version: int | None) -> ModelRecord:
        return self._models().version(task_id, version)

    def _models(self) -> Models:
        from .models import Models

        return Models(self._context)

    def _decode(self, image: bytes | XvlabError) -> NDArray[np.uint8] | XvlabError:
        if isinstance(image, XvlabError):
            return image
        settings = self._context.settings
        try:
            return decode_rgb(image, max_pixels=settings.max_image_pixels, max_bytes=settings.max_image_bytes)
        except XvlabError as error:
            return error


_shared: WeakKeyDictionary[Home, LiveModels] = WeakKeyDictionary()
_shared_lock = threading.Lock()


def live_models(home: Home) -> LiveModels:
    """Return the models in memory of a home; there is one set per process."""
    with _shared_lock:
        return _shared.setdefault(home, LiveModels(_MODELS_IN_MEMORY))


def _classification(labels: Labels, probabilities: NDArray[np.float32], image: NDArray[np.uint8]) -> Classification:
    order = np.argsort(-probabilities, kind="stable")
    scored = tuple(LabelScore(labels[i].id, labels[i].name, float(probabilities[i])) for i in order)
    height, width = image.shape[:2]
    return Classification(scored[0].label_id, scored[0].label_name, scored[0].score, scored, width, height)
