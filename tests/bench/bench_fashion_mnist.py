"""Accuracy of a default training on Fashion-MNIST that is capped at 10 minutes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fashion_mnist import FOLDER, fashion_mnist

from xvlab.inference import load_predictor, predict_snapshot
from xvlab.metrics import evaluate_classification
from xvlab.tasks import TrainConfig
from xvlab.training import EpochDone, Notice, TrainEvent, train

TARGET = 0.92
LIMIT_SECONDS = 600.0


def _tell(event: TrainEvent) -> None:
    """Write progress beside the figures, to standard error."""
    if isinstance(event, EpochDone):
        line = (
            f"epoch {event.epoch}/{event.epochs} {event.metrics} {event.seconds:.0f} s, {event.seconds_left:.0f} left"
        )
        print(line, file=sys.stderr, flush=True)
    elif isinstance(event, Notice):
        print(event.message, file=sys.stderr, flush=True)


def main() -> None:
    """Print one JSON line with the accuracy on the 10,000 test images."""
    if not FOLDER.is_dir():
        print(
            json.dumps(
                {"figure": "fashion_mnist_test_accuracy", "skipped": f"{FOLDER.name} is not beside the checkout"}
            )
        )
        return
    limit = float(os.environ.get("XVLAB_BENCH_SECONDS", LIMIT_SECONDS))
    data = fashion_mnist()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = train(data, TrainConfig(time_limit_seconds=limit), folder=Path(folder), listener=_tell)
        predictions = predict_snapshot(load_predictor(result.model_folder), data)
    seconds = time.monotonic() - started
    accuracy = evaluate_classification(predictions, data.snapshot.labels)["test"]["accuracy"]
    print(
        json.dumps(
            {
                "figure": "fashion_mnist_test_accuracy",
                "value": round(accuracy, 4),
                "unit": "share of 10,000 test images",
                "target": TARGET,
                "ratio": round(accuracy / TARGET, 4),
                "seconds_with_evaluation": round(seconds, 1),
                "limit_seconds": limit,
                "epochs": len(result.history),
                "images_per_second": round(result.images_per_second),
                "load_average": round(os.getloadavg()[1], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
