"""Controls for the fields of a training configuration, made from the fields themselves."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import ipywidgets
from pydantic.fields import FieldInfo

from xvlab.tasks import preset_names

FIELD_TITLES = {
    "preset": "Model",
    "epochs": "Epochs",
    "image_size": "Image size (pixels)",
    "augmentation": "Augmentation",
    "time_limit_seconds": "Time limit (minutes)",
    "evaluation_share": "Held-out share (%)",
    "weights": "Pretrained weights",
    "batch_size": "Batch size",
    "gradient_accumulation": "Gradient accumulation",
    "learning_rate": "Learning rate",
    "weight_decay": "Weight decay",
    "warmup_share": "Warm-up share",
    "label_smoothing": "Label smoothing",
    "class_weights": "Class weights",
    "ema_decay": "Averaging of weights (EMA)",
    "early_stopping_epochs": "Early stopping (epochs)",
    "precision": "Precision",
    "device": "Device",
    "seed": "Seed",
}
_IN_MINUTES = frozenset({"time_limit_seconds"})
_SECONDS = 60.0
_UNBOUNDED = 1e9


def make_control(name: str, field: FieldInfo) -> Any:
    """Make the control of one field: a list for choices, a bounded number, or a text.

    Args:
        name: Name of the field.
        field: Its type, bounds and default.
    """
    default = to_control_value(name, field.default)
    if name == "preset":
        options = [(f"{title} ({key})", key) for key, title in preset_names().items()]
        return ipywidgets.Dropdown(options=options, value=default)
    if get_origin(field.annotation) is Literal:
        return ipywidgets.Dropdown(options=list(get_args(field.annotation)), value=default)
    if field.annotation is int:
        low, high = _bounds(field)
        return ipywidgets.BoundedIntText(value=default, min=int(low), max=int(high))
    if field.annotation is float:
        low, high = _bounds(field)
        return ipywidgets.BoundedFloatText(value=default, min=low, max=high, step=None)
    return ipywidgets.Text(value=default)


def to_control_value(name: str, value: Any) -> Any:
    """Turn a value of the configuration into what the control shows."""
    return value / _SECONDS if name in _IN_MINUTES else value


def to_config_value(name: str, value: Any) -> Any:
    """Turn what the control shows into a value of the configuration."""
    return value * _SECONDS if name in _IN_MINUTES else value


def _bounds(field: FieldInfo) -> tuple[float, float]:
    """Bounds of a number; those that are not given are wide. An open upper bound is left to the configuration."""
    low = high = None
    for rule in field.metadata:
        low = getattr(rule, "ge", getattr(rule, "gt", low))
        high = getattr(rule, "le", getattr(rule, "lt", high))
    return (-_UNBOUNDED if low is None else float(low)), (_UNBOUNDED if high is None else float(high))
