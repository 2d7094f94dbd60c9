"""The optimiser of a run."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from xvlab.tasks.config import TrainConfig
from xvlab.tasks.presets import ModelPreset


def make_optimizer(network: nn.Module, preset: ModelPreset, config: TrainConfig) -> Optimizer:
    """Make the preset's optimiser; biases and the scales of norms do not decay.

    Args:
        network: What it moves.
        preset: Says which optimiser.
        config: Resolved options.
    """
    decaying = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [{"params": decaying, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    # A tensor as rate would be needed for compiled steps only; a float keeps checkpoints plain.
    if preset.optimizer == "sgd":
        return SGD(groups, lr=config.learning_rate, momentum=0.9, nesterov=True, foreach=True)
    return AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99), fused=True)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the rate of all groups."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def clip_gradients(network: nn.Module, *, largest_norm: float = 5.0) -> None:
    """Scale the gradients down to a norm of at most ``largest_norm``."""
    torch.nn.utils.clip_grad_norm_(network.parameters(), largest_norm, foreach=True)
