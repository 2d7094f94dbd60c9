"""Progress of a job: training events become messages of the kernel, and messages become the ``progress`` of the row."""

from __future__ import annotations

import math
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xvlab.training.events import TrainEvent

PROGRESS_MIME = "application/vnd.xvlab.progress+json"
_KIND_KEY = "event"
_OF_STEP = ("epoch", "epochs", "step", "steps_per_epoch", "loss", "images_per_second", "seconds_left")


def event_message(event: TrainEvent) -> dict[str, Any]:
    """Write a training event as the data of a progress message; numbers that JSON cannot hold become ``None``."""
    return {_KIND_KEY: type(event).__name__, **_finite(asdict(event))}


class ProgressBook:
    """Collects messages into the row's ``progress``; may be used from two threads.

    Args:
        progress: The progress that an earlier attempt left; its epochs are kept until they are made again.
    """

    def __init__(self, progress: dict[str, Any]) -> None:
        self._progress = {**progress, "history": list(progress.get("history", []))}
        self._lock = threading.Lock()
        self._changed = False

    def add(self, message: dict[str, Any]) -> str | None:
        """Take a message; return a line for the log when it is worth one."""
        with self._lock:
            self._changed = True
            match message.get(_KIND_KEY):
                case "StepDone":
                    self._progress.update({"stage": "training", **{key: message.get(key) for key in _OF_STEP}})
                    return None
                case "EpochDone":
                    return self._end_epoch(message)
                case _:
                    said = {key: str(message.get(key, "")) for key in ("stage", "message")}
                    self._progress.update(said)
                    return f"{said['stage']}: {said['message']}"

    def take(self) -> dict[str, Any] | None:
        """Return a copy if something changed since the last call."""
        with self._lock:
            if not self._changed:
                return None
            self._changed = False
            return {**self._progress, "history": list(self._progress["history"])}

    def _end_epoch(self, message: dict[str, Any]) -> str:
        epoch, metrics = int(message["epoch"]), dict(message.get("metrics") or {})
        kept = ("epoch", "train_loss", "learning_rate", "seconds", "is_best")
        entry = {**{key: message.get(key) for key in kept}, **metrics}
        before = [one for one in self._progress["history"] if one["epoch"] < epoch]
        metric = metrics.get("accuracy")
        self._progress.update(
            stage="training",
            epoch=epoch,
            epochs=message.get("epochs"),
            metric=metric,
            seconds_left=message.get("seconds_left"),
            history=[*before, entry],
        )
        return f"epoch {epoch}/{message.get('epochs')}: train_loss={message.get('train_loss')} {metrics}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
