"""Plans, rates and the order of images depend on seed and step only."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xvlab.training.order import batch_places, steps_per_epoch
from xvlab.training.plan import Plan, learning_rate_factor, read_plan
from xvlab.training.timing import TimeLimit, is_off

TOTALS = st.integers(1, 400)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    plan = Plan(((0, draw(TOTALS)),))
    for _ in range(draw(st.integers(0, 4))):
        start = plan.segments[-1][0]
        if start + 1 >= plan.total:
            break
        plan = plan.changed(draw(st.integers(start + 1, plan.total - 1)), draw(TOTALS))
    return plan


@given(plans())
def test_progress_rises_from_0_to_1_whatever_happens_to_the_plan(plan: Plan) -> None:
    steps = [plan.progress(step) for step in range(plan.total + 1)]
    assert steps[0] == 0.0
    assert steps[-1] == pytest.approx(1.0)
    assert all(later >= earlier for earlier, later in itertools.pairwise(steps))


@given(plans())
def test_a_plan_is_read_back(plan: Plan) -> None:
    assert read_plan(str(plan)) == plan


@pytest.mark.parametrize(
    ("warmup", "progress", "factor"),
    [
        pytest.param(0.1, 0.0, 0.01, id="not quite nothing at the start"),
        pytest.param(0.1, 0.05, 0.5, id="half way up"),
        pytest.param(0.1, 0.1, 1.0, id="at the peak"),
        pytest.param(0.0, 0.5, 0.5, id="half way down without warm-up"),
        pytest.param(0.1, 1.0, 0.001, id="at the end"),
        pytest.param(1.0, 1.0, 1.0, id="warm-up only"),
    ],
)
def test_rate(warmup: float, progress: float, factor: float) -> None:
    assert learning_rate_factor(progress, warmup_share=warmup) == pytest.approx(factor, abs=1e-9)


@given(st.integers(2, 300), st.integers(1, 64), st.integers(0, 5))
def test_an_epoch_shows_each_image_at_most_once_and_leaves_less_than_a_batch_out(n: int, batch: int, seed: int) -> None:
    count = steps_per_epoch(n, batch_size=batch)
    parts = [batch_places(n, step, batch_size=batch, seed=seed) for step in range(count)]
    places = np.concatenate(parts)
    if batch > 1:
        assert len(set(places.tolist())) == len(places)
        assert n - len(places) < batch or count == 1
    again = batch_places(n, count - 1, batch_size=batch, seed=seed)
    assert np.array_equal(again, parts[-1])


def test_a_single_image_is_taken_twice() -> None:
    assert batch_places(1, 5, batch_size=32, seed=0).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        pytest.param(0.0, 100, id="no more than wanted"),
        pytest.param(50.0, 58, id="what still fits"),
        pytest.param(500.0, 11, id="one step when the time is over"),
    ],
)
def test_steps_that_fit(elapsed: float, expected: int) -> None:
    limit = TimeLimit(seconds=100.0, reserve_seconds=1.0, steps_per_epoch=10, most_steps=100, evaluation_seconds=1.0)
    assert limit.total_steps(step=10, elapsed=elapsed, step_seconds=0.9, evaluation_seconds=1.0) == expected


def test_small_deviations_keep_the_plan() -> None:
    assert not is_off(100, 102, step=10)
    assert is_off(100, 110, step=10)
