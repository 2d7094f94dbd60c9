"""Architectures one can train, made with timm."""

# These two come first: one must run before torch is loaded, the other before torchvision.
from xvlab.models._threads import SPIN_COUNT  # isort: skip
from xvlab.models._torchvision import OPERATORS  # isort: skip
from xvlab.models import small
from xvlab.models.answers import answers_of
from xvlab.models.build import BuiltModel, build_model, chosen_weights
from xvlab.models.devices import choose_device, choose_precision, mixed_precision
from xvlab.models.folder import TrainedModel, load_model, save_model
from xvlab.models.preprocessing import Preprocessing
from xvlab.models.weights import NO_WEIGHTS, weights_folder
from xvlab.tasks.presets import PRESETS, ModelPreset


def presets() -> tuple[ModelPreset, ...]:
    """Return every preset that can be trained."""
    return PRESETS


__all__ = [
    "NO_WEIGHTS",
    "OPERATORS",
    "SPIN_COUNT",
    "BuiltModel",
    "ModelPreset",
    "Preprocessing",
    "TrainedModel",
    "answers_of",
    "build_model",
    "choose_device",
    "choose_precision",
    "chosen_weights",
    "load_model",
    "mixed_precision",
    "presets",
    "save_model",
    "small",
    "weights_folder",
]
