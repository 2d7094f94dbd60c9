"""Plan a run by the clock: measure first, then correct the plan while it runs."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass

import torch
from torch import nn

from xvlab.models import mixed_precision

from .batches import Batches
from .kinds import Criterion

_TIMED_STEPS = 3
_TOLERANCE = 0.03


@dataclass(frozen=True, slots=True)
class Costs:
    """Measured durations in seconds: of a training step, and of predicting one image."""

    step: float
    predicted_image: float


def measure_costs(network: nn.Module, batches: Batches, criterion: Criterion, precision: str) -> Costs:
    """Time some steps on a copy of the network; the network itself does not change."""
    trial = copy.deepcopy(network).train()
    durations = []
    for _ in range(_TIMED_STEPS + 1):
        started = time.perf_counter()
        for inputs, wanted in batches.of_step(0):
            with mixed_precision(precision, batches.device):
                loss = criterion(trial(inputs), wanted)
            loss.backward()  # type: ignore[no-untyped-call]
        _synchronise(batches.device)
        durations.append(time.perf_counter() - started)
    trial.eval()
    started = time.perf_counter()
    with torch.inference_mode(), mixed_precision(precision, batches.device):
        trial(inputs)
    _synchronise(batches.device)
    return Costs(sum(durations[1:]) / _TIMED_STEPS, (time.perf_counter() - started) / len(inputs))


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How many steps fit into what is left of a run's time.

    Attributes:
        seconds: The limit of the whole run.
        reserve_seconds: Kept free for the predictions and reports after the last step.
        steps_per_epoch: Steps between two evaluations.
        most_steps: Never plan more than this.
        evaluation_seconds: Measured duration of one evaluation, until a real one has been made.
    """

    seconds: float
    reserve_seconds: float
    steps_per_epoch: int
    most_steps: int
    evaluation_seconds: float

    def total_steps(self, *, step: int, elapsed: float, step_seconds: float, evaluation_seconds: float) -> int:
        """Return the total number of steps to plan for.

        Args:
            step: Steps made.
            elapsed: Seconds since the start.
            step_seconds: Duration of a step.
            evaluation_seconds: Duration of the evaluation after each epoch.
        """
        left = self.seconds - self.reserve_seconds - elapsed - evaluation_seconds
        per_step = step_seconds + evaluation_seconds / self.steps_per_epoch
        return min(self.most_steps, max(step + 1, step + int(left / per_step)))

    @property
    def check_seconds(self) -> float:
        """Seconds between two looks at the clock."""
        return min(30.0, self.seconds / 20)


def is_off(planned: int, possible: int, *, step: int) -> bool:
    """Tell whether a plan of ``planned`` steps is so far from the ``possible`` ones that it must change."""
    return abs(possible - planned) > _TOLERANCE * max(1, planned - step)
