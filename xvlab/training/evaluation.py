"""Raw outputs of a network for the held-out images."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from xvlab.models import Preprocessing, mixed_precision

from .batches import ImageSet, to_device

_BATCH = 256


@torch.inference_mode()
def raw_outputs(
    network: nn.Module, images: ImageSet, preprocessing: Preprocessing, *, device: torch.device, precision: str
) -> NDArray[np.float32]:
    """Return the outputs for all images, float32 of shape ``(n, outputs)``; the network is in evaluation mode."""
    rows = []
    for start in range(0, len(images), _BATCH):
        pixels = preprocessing.normalise(to_device(images.pixels[start : start + _BATCH], device))
        with mixed_precision(precision, device):
            outputs = network(pixels.contiguous(memory_format=torch.channels_last))
        rows.append(outputs.float().cpu().numpy())
    return np.concatenate(rows) if rows else np.zeros_like(images.targets)
