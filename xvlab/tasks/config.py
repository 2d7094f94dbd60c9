"""How a task is trained: every option with its meaning, range and default. Plain data, checked at the door."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Augmentation = Literal["auto", "none", "light", "medium", "strong"]
ClassWeights = Literal["none", "balanced"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]


class TrainConfig(BaseModel):
    """Options of one training run; the parameters cell of ``notebooks/jobs/train.ipynb`` mirrors these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = Field("auto", description="Name of a model preset; auto picks one for the images and the machine.")
    weights: str = Field(
        "", description="Pretrained weights: hub name, local folder or none; empty takes the preset's."
    )
    image_size: int = Field(
        0, ge=0, le=2048, description="Side of the square input in pixels; 0 picks it from the images."
    )
    epochs: int = Field(0, ge=0, le=10_000, description="Passes over the training images; 0 picks a number.")
    batch_size: int = Field(0, ge=0, le=65_536, description="Images of one step; 0 picks a number.")
    gradient_accumulation: int = Field(1, ge=1, le=1024, description="Batches whose gradients make one step.")
    learning_rate: float = Field(0.0, ge=0.0, le=100.0, description="Peak learning rate; 0 takes the preset's.")
    weight_decay: float = Field(
        -1.0, ge=-1.0, le=10.0, description="Weight decay of the optimiser; -1 takes the preset's."
    )
    warmup_share: float = Field(
        0.1, ge=0.0, le=1.0, description="Share of all steps in which the rate rises to its peak."
    )
    augmentation: Augmentation = Field("auto", description="How strongly training images are varied.")
    label_smoothing: float = Field(0.1, ge=0.0, lt=1.0, description="Probability mass spread over the wrong classes.")
    class_weights: ClassWeights = Field("none", description="balanced weighs rare labels up.")
    ema_decay: float = Field(0.999, ge=0.0, lt=1.0, description="Decay of the averaged weights; 0 turns averaging off.")
    early_stopping_epochs: int = Field(
        0, ge=0, le=10_000, description="Stop after so many epochs without gain; 0 never."
    )
    time_limit_seconds: float = Field(0.0, ge=0.0, description="Plan the run to end within this time; 0 sets no limit.")
    plan: str = Field(
        "",
        pattern=r"^(\d+:\d+(,\d+:\d+)*)?$",
        description="Planned steps as step:total pairs; written by a run with a time limit so that it can be repeated.",
    )
    precision: Precision = Field("auto", description="Number format of the forward pass.")
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of weights, order and augmentation.")
