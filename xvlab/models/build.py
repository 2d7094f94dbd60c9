"""Make a network of a preset, with fresh or pretrained weights."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import timm
from torch import nn

from xvlab.errors import ConfigurationError
from xvlab.tasks.presets import ModelPreset

from .preprocessing import Preprocessing
from .weights import NO_WEIGHTS, weights_folder


@dataclass(frozen=True, slots=True, eq=False)
class BuiltModel:
    """A network with what is needed to make it again.

    Attributes:
        network: Maps float32 ``(b, 3, s, s)`` to outputs ``(b, outputs)``.
        architecture: timm's name of it.
        arguments: Further arguments of ``timm.create_model``.
        preprocessing: How it wants its images.
    """

    network: nn.Module
    architecture: str
    preprocessing: Preprocessing
    arguments: dict[str, Any] = field(default_factory=dict)


def chosen_weights(preset: ModelPreset, weights: str) -> str:
    """Return the weights a run starts from: the option, else the preset's, else ``none``."""
    return weights or preset.weights or NO_WEIGHTS


def build_model(
    preset: ModelPreset, *, outputs: int, image_size: int, weights: str = "", offline: bool = False
) -> BuiltModel:
    """Make the network of a preset.

    Args:
        preset: Which one. Weights that name another architecture win over the preset's.
        outputs: Number of outputs.
        image_size: Side of the square input in pixels.
        weights: Hub name, local folder or ``none``; empty takes the preset's.
        offline: Never ask a model hub.

    Raises:
        ConfigurationError: The weights are missing or do not fit.
    """
    source = chosen_weights(preset, weights)
    if source == NO_WEIGHTS:
        arguments = _size_arguments(preset.architecture, image_size)
        network = create_network(preset.architecture, outputs=outputs, arguments=arguments)
        return BuiltModel(network, preset.architecture, Preprocessing(image_size), arguments)
    folder = weights_folder(source, offline=offline)
    return _from_folder(folder, outputs=outputs, image_size=image_size)


def create_network(architecture: str, *, outputs: int, arguments: dict[str, Any]) -> nn.Module:
    """Make a network with random weights by its timm name.

    Raises:
        ConfigurationError: timm does not know the name or refuses the arguments.
    """
    try:
        return timm.create_model(architecture, pretrained=False, num_classes=outputs, **arguments)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"timm cannot make {architecture!r} ({error}). Update xvlab or choose another."
        ) from error


def _size_arguments(architecture: str, image_size: int) -> dict[str, Any]:
    return {"img_size": image_size} if architecture.startswith(("vit_", "deit", "eva")) else {}


def _from_folder(folder: Path, *, outputs: int, image_size: int) -> BuiltModel:
    try:
        described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        architecture = str(described["architecture"])
        arguments = {**described.get("model_args", {}), **_size_arguments(architecture, image_size)}
        network = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=outputs, **arguments)
    except (KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"The weights in {folder} cannot be used ({type(error).__name__}: {error}). Choose others."
        ) from error
    settings = described.get("pretrained_cfg", {})
    neutral = Preprocessing(image_size)
    mean, std = settings.get("mean", neutral.mean), settings.get("std", neutral.std)
    return BuiltModel(network, architecture, Preprocessing(image_size, tuple(mean), tuple(std)), arguments)
