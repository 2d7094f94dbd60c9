"""Trained models answer: eagerly on a CPU or a GPU, from several threads."""

from xvlab.models import SPIN_COUNT as _SPIN_COUNT  # noqa: F401  # isort: skip - sets it before torch is loaded
from xvlab.inference.predictor import MOST_IMAGES_AT_ONCE, Predictor, load_predictor
from xvlab.inference.snapshots import predict_snapshot

__all__ = ["MOST_IMAGES_AT_ONCE", "Predictor", "load_predictor", "predict_snapshot"]
