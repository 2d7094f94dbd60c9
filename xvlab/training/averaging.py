"""Averaged weights (EMA), batch statistics included."""

from __future__ import annotations

import copy

import torch
from torch import nn


class AveragedModel:
    """A copy of a network whose weights follow it slowly.

    The decay rises with the number of updates, ``min(decay, (1 + n) / (10 + n))``, so that short runs are not held back
    by their random start.

    Args:
        network: The network to follow.
        decay: Final decay; 0 makes the copy equal to the network.
    """

    def __init__(self, network: nn.Module, *, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, *, updates: int) -> None:
        """Take one step towards the network, after its update number ``updates`` (from 1)."""
        weight = 1.0 - min(self.decay, (1.0 + updates) / (10.0 + updates))
        mine, theirs = [], []
        for own, followed in zip(_tensors(self.network), _tensors(network), strict=True):
            if own.dtype.is_floating_point:
                mine.append(own)
                theirs.append(followed)
            else:
                own.copy_(followed)
        torch._foreach_lerp_(mine, theirs, weight)


def _tensors(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]
