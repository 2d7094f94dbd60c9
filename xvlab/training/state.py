"""Everything that changes while a run goes on, and how it is written to and read from a checkpoint."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from .averaging import AveragedModel
from .plan import Plan, read_plan
from .result import EpochRecord


@dataclass(slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        plan: Steps that are meant to be made.
        step: Steps made.
        epoch_loss: Sum of the losses of this epoch's steps.
        epoch_steps: Steps in that sum.
        epoch_seconds: Time spent in this epoch.
        best_step: Step of the best weights; 0 before the first evaluation.
        seconds: Time spent in all, restarts included.
        step_seconds: Time spent in steps.
        history: Finished epochs.
        stopped_early: Whether early stopping ended the run.
    """

    plan: Plan
    step: int = 0
    epoch_loss: float = 0.0
    epoch_steps: int = 0
    epoch_seconds: float = 0.0
    best_step: int = 0
    seconds: float = 0.0
    step_seconds: float = 0.0
    history: list[EpochRecord] = field(default_factory=list)
    stopped_early: bool = False

    @property
    def finished(self) -> bool:
        """Whether no step is left."""
        return self.stopped_early or self.step >= self.plan.total

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "plan": str(self.plan), "history": [asdict(record) for record in self.history]}


def read_progress(body: dict[str, Any]) -> Progress:
    """Read what :meth:`Progress.as_dict` wrote."""
    history = [EpochRecord(**record) for record in body["history"]]
    return Progress(**{**body, "plan": read_plan(body["plan"]), "history": history})


@dataclass(frozen=True, slots=True, eq=False)
class Learner:
    """The moving parts of a run.

    Attributes:
        network: The network that learns.
        averaged: Its averaged copy, which is evaluated and kept.
        optimizer: Moves the network.
        scaler: Scales the loss for float16; does nothing otherwise.
    """

    network: nn.Module
    averaged: AveragedModel
    optimizer: Optimizer
    scaler: torch.amp.GradScaler

    def state(self) -> dict[str, Any]:
        """Return everything a checkpoint needs."""
        return {
            "network": self.network.state_dict(),
            "averaged": self.averaged.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up the state of a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.averaged.network.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
