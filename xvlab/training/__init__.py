"""Training: from a snapshot and options to a model. It knows no database; it tells a listener what happens."""

from xvlab.models import SPIN_COUNT as _SPIN_COUNT  # noqa: F401  # isort: skip - sets it before torch is loaded
from xvlab.training import multi_class
from xvlab.training.events import EpochDone, Notice, StepDone, TrainEvent, TrainListener
from xvlab.training.kinds import KindTraining, register_training, trainings
from xvlab.training.result import EpochRecord, TrainResult
from xvlab.training.train import train

__all__ = [
    "EpochDone",
    "EpochRecord",
    "KindTraining",
    "Notice",
    "StepDone",
    "TrainEvent",
    "TrainListener",
    "TrainResult",
    "multi_class",
    "register_training",
    "train",
    "trainings",
]
