"""Batches without waiting: whoever gets the model takes along everybody who queued up meanwhile."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from xvlab.errors import RateLimitedError

Pixels = NDArray[np.uint8]
Probabilities = NDArray[np.float32]


class _Request:
    """Images of one caller and, later, their answer."""

    def __init__(self, images: Sequence[Pixels]) -> None:
        self.images = images
        self.answer: Probabilities | None = None
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.answer is not None or self.error is not None


class Batcher:
    """Runs one model for many threads, one batch at a time; an idle model answers at once.

    Args:
        predict: Takes n images of shape (h, w, 3), returns probabilities of shape (n, c).
        max_batch: Images of one run.
        max_waiting: Requests that may wait; the next one is refused.
        timeout_seconds: A request that waited so long is given up.
    """

    def __init__(
        self,
        predict: Callable[[Sequence[Pixels]], Probabilities],
        *,
        max_batch: int = 32,
        max_waiting: int = 64,
        timeout_seconds: float = 60.0,
    ) -> None:
        self._predict = predict
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._timeout_seconds = timeout_seconds
        self._waiting: deque[_Request] = deque()
        self._queue_lock = threading.Lock()
        self._model_lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Requests that wait for the model."""
        return len(self._waiting)

    def __call__(self, images: Sequence[Pixels]) -> Probabilities:
        """Return probabilities of shape (n, c) for n images.

        Raises:
            RateLimitedError: Too many requests wait, or this one waited too long.
        """
        request = _Request(images)
        with self._queue_lock:
            if len(self._waiting) >= self._max_waiting:
                raise RateLimitedError(f"{len(self._waiting)} requests wait for this model. Come back in some seconds.")
            self._waiting.append(request)
        self._serve_until(request, time.monotonic() + self._timeout_seconds)
        if request.error is not None:
            raise request.error
        if request.answer is None:
            raise RateLimitedError(f"The model had no time within {self._timeout_seconds:.0f} s. Come back later.")
        return request.answer

    def _serve_until(self, request: _Request, deadline: float) -> None:
        if not self._model_lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            self._withdraw(request)
            return
        try:
            while not request.is_done:
                self._run(self._take())
        finally:
            self._model_lock.release()

    def _take(self) -> list[_Request]:
        """Take the requests that waited longest, as many as fit into a batch."""
        taken: list[_Request] = []
        room = self._max_batch
        with self._queue_lock:
            while self._waiting and (not taken or len(self._waiting[0].images) <= room):
                taken.append(self._waiting.popleft())
                room -= len(taken[-1].images)
        return taken

    def _run(self, requests: list[_Request]) -> None:
        try:
            answers = self._predict([image for request in requests for image in request.images])
        except Exception as error:  # noqa: BLE001 - every caller gets its own error, whatever it is
            if len(requests) > 1:
                for request in requests:
                    self._run([request])
            else:
                requests[0].error = error
            return
        start = 0
        for request in requests:
            request.answer = answers[start : start + len(request.images)]
            start += len(request.images)

    def _withdraw(self, request: _Request) -> None:
        with self._queue_lock:
            if request in self._waiting:
                self._waiting.remove(request)
