"""Make every choice that the options leave open, from the images and the machine, and say why."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from xvlab.data.images import inspect
from xvlab.data.snapshot import SnapshotItem, TrainingData
from xvlab.errors import ConfigurationError, InvalidInputError
from xvlab.models import NO_WEIGHTS, choose_device, choose_precision, chosen_weights, weights_folder
from xvlab.tasks.config import TrainConfig
from xvlab.tasks.presets import ModelPreset, find_preset

from .augment import TINY_SIDE, augmentation_for

_SAMPLED_IMAGES = 64
_MOST_EPOCHS = {True: 60, False: 30}


@dataclass(frozen=True, slots=True)
class Choices:
    """Resolved options with what was chosen on the way.

    Attributes:
        config: Options; only ``plan`` may still be empty.
        preset: The preset that ``config`` names.
        notes: One sentence for each choice made here.
    """

    config: TrainConfig
    preset: ModelPreset
    notes: tuple[str, ...]


def resolve(data: TrainingData, config: TrainConfig, *, offline: bool) -> Choices:
    """Make every open choice.

    Args:
        data: What will be learned.
        config: The options as given.
        offline: Never ask a model hub.

    Raises:
        InvalidInputError: There are no training images.
        ConfigurationError: Device or weights are not there.
    """
    items = data.snapshot.of_split("train")
    if not items:
        raise InvalidInputError("Expected training images, got none. Label images and take a new snapshot.")
    device = choose_device(config.device)
    chosen: dict[str, Any] = {"device": str(device)}
    notes: list[str] = []

    def choose(field: str, value: Any, reason: str) -> None:
        chosen[field] = value
        notes.append(f"{field} = {value}: {reason}.")

    side = _median_side(items, data.read_image)
    preset, weights = _model(config, device, side, offline=offline, choose=choose)
    chosen["weights"] = weights
    if not config.image_size:
        choose("image_size", *_image_size(side, preset, device, pretrained=weights != NO_WEIGHTS))
    config = config.model_copy(update=chosen)
    _recipe(config, preset, len(items), device, choose)
    config = TrainConfig.model_validate({**config.model_dump(), **chosen})
    return Choices(config, preset, tuple(notes))


def _median_side(items: Sequence[SnapshotItem], read_image: Callable[[str], bytes]) -> int:
    """Return the median of the longer sides of some evenly spread images, in pixels."""
    chosen = items[:: max(1, len(items) // _SAMPLED_IMAGES)]
    headers = (inspect(read_image(item.sha256)) for item in chosen)
    return int(statistics.median(max(header.width, header.height) for header in headers))


def _model(
    config: TrainConfig, device: torch.device, side: int, *, offline: bool, choose: Callable[[str, Any, str], None]
) -> tuple[ModelPreset, str]:
    if config.preset != "auto":
        preset = find_preset(config.preset)
        return preset, chosen_weights(preset, config.weights)
    if side <= TINY_SIDE and not config.weights:
        choose("preset", "small", f"the images are small (median side {side} pixels)")
        return find_preset("small"), NO_WEIGHTS
    name = "mobile" if device.type == "cpu" else "convnext"
    preset = find_preset(name)
    weights = chosen_weights(preset, config.weights)
    try:
        if weights != NO_WEIGHTS:
            weights_folder(weights, offline=offline)
    except ConfigurationError as error:
        if config.weights:
            raise
        choose("preset", "small", f"it needs no pretrained weights. {error.message.rstrip('.')}")
        return find_preset("small"), NO_WEIGHTS
    choose("preset", name, f"it suits photos (median side {side} pixels) on this device ({device.type})")
    return preset, weights


def _image_size(side: int, preset: ModelPreset, device: torch.device, *, pretrained: bool) -> tuple[int, str]:
    largest = preset.image_size if device.type == "cuda" else min(preset.image_size, 128)
    if preset.size == "small":
        largest = TINY_SIDE
    step = 14 if preset.architecture.endswith("dinov2") else 32 if pretrained else 4
    smallest = 4 * step if pretrained else 16
    wanted = min(max(math.ceil(side / step) * step, smallest), largest)
    return wanted // step * step, f"median side {side} pixels, at most {largest} for this model and device"


def _recipe(
    config: TrainConfig,
    preset: ModelPreset,
    images: int,
    device: torch.device,
    choose: Callable[[str, Any, str], None],
) -> None:
    batch_size = config.batch_size
    if not batch_size:
        batch_size = min(preset.batch_size * (2 if device.type == "cuda" else 1), max(8, images // 8))
        choose("batch_size", batch_size, f"{images} training images on {device.type}")
    if not config.learning_rate:
        scale = math.sqrt(batch_size * config.gradient_accumulation / preset.batch_size)
        choose("learning_rate", round(preset.learning_rate * scale, 8), f"the rate of {preset.name} at this batch size")
    if config.weight_decay < 0:
        choose("weight_decay", preset.weight_decay, f"the value of {preset.name}")
    if not config.epochs:
        choose("epochs", *_epochs(config, images))
    if config.augmentation == "auto":
        level = augmentation_for("auto", image_size=config.image_size)
        choose("augmentation", level, f"images of {config.image_size} pixels")
    if config.precision == "auto":
        choose("precision", choose_precision("auto", device), f"the quickest exact enough one on {device.type}")


def _epochs(config: TrainConfig, images: int) -> tuple[int, str]:
    scratch = config.weights == NO_WEIGHTS
    most = _MOST_EPOCHS[scratch]
    if config.time_limit_seconds:
        return most, "at most; the time limit decides"
    seen = 30_000 if scratch else 6_000
    return min(most, max(10 if scratch else 5, math.ceil(seen / images))), f"{images} training images"
