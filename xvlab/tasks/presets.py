"""Model presets as plain data: what can be trained, named for people, without importing a deep-learning library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xvlab.errors import NotFoundError

SizeClass = Literal["small", "mid", "large"]
Optimizer = Literal["adamw", "sgd"]


@dataclass(frozen=True, slots=True)
class ModelPreset:
    """One architecture with the recipe that suits it.

    Attributes:
        name: Stable name, the value of ``TrainConfig.preset``.
        title: What a person reads in the launch form.
        description: When to choose it.
        size: Class of cost.
        architecture: Name under which timm makes the model.
        image_size: Input side in pixels that suits it when nothing else is known.
        weights: Hub name of the pretrained weights; empty when it starts from random weights.
        weights_license: Licence of these weights (SPDX); empty when there are none.
        optimizer: ``adamw`` or ``sgd`` (with Nesterov momentum).
        learning_rate: Peak rate for ``batch_size`` images a step.
        weight_decay: Decay of the weights, never of biases and norms.
        batch_size: Images of one step on a CPU.
        millions_of_parameters: Size, rounded.
    """

    name: str
    title: str
    description: str
    size: SizeClass
    architecture: str
    image_size: int
    weights: str
    weights_license: str
    optimizer: Optimizer
    learning_rate: float
    weight_decay: float
    batch_size: int
    millions_of_parameters: float


PRESETS: tuple[ModelPreset, ...] = (
    ModelPreset(
        name="small",
        title="Small, from scratch",
        description="A small residual network: learns small images (up to 64 pixels) from scratch on a CPU.",
        size="small",
        architecture="xvlab_small",
        image_size=32,
        weights="",
        weights_license="",
        optimizer="adamw",
        learning_rate=0.003,
        weight_decay=0.05,
        batch_size=64,
        millions_of_parameters=0.5,
    ),
    ModelPreset(
        name="mobile",
        title="Mid, pretrained, quick on a CPU",
        description="MobileNetV3 with ImageNet weights: photos on a machine without a GPU, and small data sets.",
        size="mid",
        architecture="mobilenetv3_large_100",
        image_size=224,
        weights="hf-hub:timm/mobilenetv3_large_100.ra_in1k",
        weights_license="Apache-2.0",
        optimizer="adamw",
        learning_rate=0.001,
        weight_decay=0.02,
        batch_size=32,
        millions_of_parameters=5.5,
    ),
    ModelPreset(
        name="efficient",
        title="Mid, pretrained, more exact",
        description="EfficientNet-Lite0 with ImageNet weights: photos; more exact than mobile, twice the work.",
        size="mid",
        architecture="tf_efficientnet_lite0",
        image_size=224,
        weights="hf-hub:timm/tf_efficientnet_lite0.in1k",
        weights_license="Apache-2.0",
        optimizer="adamw",
        learning_rate=0.001,
        weight_decay=0.02,
        batch_size=32,
        millions_of_parameters=4.7,
    ),
    ModelPreset(
        name="convnext",
        title="Large, pretrained",
        description="ConvNeXt-Tiny with ImageNet-12k weights: photos on a GPU, high accuracy.",
        size="large",
        architecture="convnext_tiny",
        image_size=224,
        weights="hf-hub:timm/convnext_tiny.in12k_ft_in1k",
        weights_license="Apache-2.0",
        optimizer="adamw",
        learning_rate=0.0002,
        weight_decay=0.05,
        batch_size=32,
        millions_of_parameters=28.6,
    ),
    ModelPreset(
        name="dinov2",
        title="Large, pretrained without labels",
        description="ViT-Small with DINOv2 weights: fine differences between photos on a GPU, few labelled images.",
        size="large",
        architecture="vit_small_patch14_dinov2",
        image_size=224,
        weights="hf-hub:timm/vit_small_patch14_dinov2.lvd142m",
        weights_license="Apache-2.0",
        optimizer="adamw",
        learning_rate=0.00005,
        weight_decay=0.05,
        batch_size=32,
        millions_of_parameters=22.1,
    ),
)


def preset_names() -> dict[str, str]:
    """Return preset name to title, for the launch form; ``auto`` comes first."""
    return {"auto": "Choose for the images and the machine"} | {preset.name: preset.title for preset in PRESETS}


def find_preset(name: str) -> ModelPreset:
    """Return one preset.

    Raises:
        NotFoundError: No preset has this name.
    """
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise NotFoundError(f"No model preset is called {name!r}. Choose one of: {', '.join(preset_names())}.")
