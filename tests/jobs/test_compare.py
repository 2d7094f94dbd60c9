"""A repetition is equal, or every difference is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xvlab.jobs.compare import RunFacts, compare_runs

RUN = RunFacts(
    {"test": {"accuracy": 0.9, "confusion_matrix": [[1, 0], [0, 2]]}, "evaluation": None},
    {"model.safetensors": "a" * 64, "predictions.npz": "b" * 64, "notebook.ipynb": "c" * 64},
    {"threads": "2", "packages": {"torch": "2"}},
)


@pytest.mark.parametrize(
    ("repeated", "equal_metrics", "equal_weights", "differences"),
    [
        pytest.param(RUN, True, True, [], id="equal"),
        pytest.param(
            replace(RUN, metrics={"test": {"accuracy": 0.9, "confusion_matrix": [[1, 0], [1, 1]]}, "evaluation": None}),
            False,
            True,
            [
                "metrics.test.confusion_matrix[1][0]: 0 became 1",
                "metrics.test.confusion_matrix[1][1]: 2 became 1",
            ],
            id="a metric",
        ),
        pytest.param(
            replace(RUN, artifacts={**RUN.artifacts, "model.safetensors": "d" * 64}),
            True,
            False,
            ["model.safetensors: sha256 aaaaaaaaaaaa became dddddddddddd"],
            id="the weights",
        ),
        pytest.param(
            replace(RUN, environment={"threads": "1", "packages": {}}),
            True,
            True,
            ["environment.packages.torch: '2' became None", "environment.threads: '2' became '1'"],
            id="the environment only",
        ),
    ],
)
def test_comparison(repeated: RunFacts, equal_metrics: bool, equal_weights: bool, differences: list[str]) -> None:
    assert compare_runs(RUN, repeated) == {
        "equal_metrics": equal_metrics,
        "equal_weights": equal_weights,
        "differences": differences,
    }
