"""How many steps a run makes and how far it has come, also when the plan changes on the way.

Everything that depends on the clock is in the plan, and the plan is written down: as ``TrainConfig.plan`` it repeats a
run exactly, without a clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Segments ``(step, total)``: from ``step`` on the run is meant to end after ``total`` steps.

    Progress goes from 0 to 1 without jumps: a new segment spreads what is left over its own steps.
    """

    segments: tuple[tuple[int, int], ...]

    @property
    def total(self) -> int:
        """Steps of the whole run, as planned now."""
        return self.segments[-1][1]

    def progress(self, step: int) -> float:
        """Return the share of the run that is done after ``step`` steps, in [0, 1]."""
        done = 0.0
        for index, (start, total) in enumerate(self.segments):
            last = index + 1 == len(self.segments)
            until = step if last else min(step, self.segments[index + 1][0])
            if until <= start:
                break
            done += (1.0 - done) * min(1.0, (until - start) / max(total - start, 1))
        return done

    def changed(self, step: int, total: int) -> Plan:
        """Return the plan that from ``step`` on aims at ``total`` steps."""
        return Plan((*self.segments, (step, max(total, step + 1))))

    def __str__(self) -> str:
        return ",".join(f"{step}:{total}" for step, total in self.segments)


def read_plan(text: str) -> Plan:
    """Read what ``str(plan)`` wrote, for example ``0:900,300:720``."""
    pairs = (pair.split(":") for pair in text.split(","))
    return Plan(tuple((int(step), int(total)) for step, total in pairs))


def learning_rate_factor(progress: float, *, warmup_share: float) -> float:
    """Return the factor on the peak rate: a linear rise over the warm-up, then half a cosine down to 0.

    Args:
        progress: Share of the run that is done, in [0, 1].
        warmup_share: Share of the run in which the rate rises.
    """
    if progress < warmup_share:
        return max(progress / warmup_share, 0.01)
    if warmup_share >= 1.0:
        return 1.0
    return max(0.5 * (1.0 + math.cos(math.pi * (progress - warmup_share) / (1.0 - warmup_share))), 0.001)
