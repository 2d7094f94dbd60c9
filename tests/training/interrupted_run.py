"""Train digits in a process that may be killed; called as ``python interrupted_run.py FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from digits_data import digits_data

from xvlab.tasks import TrainConfig
from xvlab.training import EpochDone, TrainEvent, train

CONFIG = TrainConfig(epochs=4, batch_size=32, image_size=16, augmentation="medium", seed=5)


def tell(event: TrainEvent) -> None:
    """Print finished epochs at once, so that the parent knows when to kill."""
    if isinstance(event, EpochDone):
        print(event.epoch, flush=True)


if __name__ == "__main__":
    train(digits_data(200), CONFIG, folder=Path(sys.argv[1]), listener=tell)
