"""From cached pixels to the batches of a step and of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xvlab.models import Preprocessing
from xvlab.tasks.config import TrainConfig

from .augment import augment
from .order import batch_places, steps_per_epoch


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """Images with what a network should answer.

    Attributes:
        pixels: uint8 array of shape ``(n, s, s, 3)``.
        targets: float32 array of shape ``(n, outputs)``.
    """

    pixels: NDArray[np.uint8]
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pixels)


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """The training batches of a run: step number in, tensors on the device out.

    Attributes:
        images: Training images.
        config: Resolved options.
        preprocessing: How the network wants its images.
        device: Where it runs.
    """

    images: ImageSet
    config: TrainConfig
    preprocessing: Preprocessing
    device: torch.device

    @property
    def images_per_step(self) -> int:
        """Images that one step learns from."""
        return min(self.config.batch_size * self.config.gradient_accumulation, max(len(self.images), 2))

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch."""
        return steps_per_epoch(len(self.images), batch_size=self.config.batch_size * self.config.gradient_accumulation)

    def of_step(self, step: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield inputs ``(b, 3, s, s)`` and targets ``(b, outputs)`` of one step, a pair for each accumulated batch.

        Args:
            step: Steps made before.
        """
        per_step = self.config.batch_size * self.config.gradient_accumulation
        places = batch_places(len(self.images), step, batch_size=per_step, seed=self.config.seed)
        generator = torch.Generator().manual_seed(step_seed(self.config.seed, step))
        parts = max(1, min(self.config.gradient_accumulation, len(places) // 2))
        for part in np.array_split(places, parts):
            pixels = to_device(self.images.pixels[np.sort(part)], self.device)
            targets = torch.from_numpy(self.images.targets[np.sort(part)]).to(self.device, non_blocking=True)
            varied, wanted = augment(pixels, targets, level=self.config.augmentation, generator=generator)
            yield self.preprocessing.normalise(varied).contiguous(memory_format=torch.channels_last), wanted


def step_seed(seed: int, step: int) -> int:
    """Return the seed of everything random in one step."""
    return int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0] >> 1)


def to_device(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Move uint8 ``(b, s, s, 3)`` to a device as uint8 ``(b, 3, s, s)``."""
    tensor = torch.from_numpy(np.array(pixels))
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True).permute(0, 3, 1, 2)
