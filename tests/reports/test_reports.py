"""Figures are right and small, names are escaped, the page asks no other host."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from xvlab import reports
from xvlab.data.predictions import Predictions
from xvlab.data.snapshot import SnapshotItem, SnapshotLabel, make_snapshot
from xvlab.errors import NotFoundError
from xvlab.metrics import evaluate_classification, failed_images

EVIL = "</script><img src=x onerror=alert(1)>"
LABELS = (SnapshotLabel("a", "cat"), SnapshotLabel("b", EVIL), SnapshotLabel("c", "cat"))
PREDICTIONS = Predictions(
    np.array(["1", "2", "3", "4"]),
    np.array(["test"] * 4),
    np.array([0, 0, 1, 2]),
    np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.6, 0.3, 0.1], [0, 0, 1]], np.float32),
)


@pytest.fixture
def metrics() -> dict[str, Any]:
    return evaluate_classification(PREDICTIONS, LABELS)


@dataclass
class Record:
    epoch: int
    train_loss: float
    metrics: dict[str, float] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("history", "losses", "accuracies"),
    [
        pytest.param([], (), (), id="no epochs"),
        pytest.param([{"epoch": 1, "train_loss": 0.5}], (0.5,), (None,), id="missing values"),
        pytest.param([{"epoch": 1, "train_loss": 0.5, "accuracy": 0.25}], (0.5,), (0.25,), id="progress of a job"),
        pytest.param([Record(1, 0.5, {"accuracy": 0.25})], (0.5,), (0.25,), id="records of a training"),
    ],
)
def test_curves_take_both_kinds_of_history(history: list[Any], losses: tuple[Any], accuracies: tuple[Any]) -> None:
    figure = reports.training_curves(history)

    assert tuple(figure.data[0].y) == losses
    assert tuple(figure.data[2].y) == accuracies


def test_figures_are_small(metrics: dict[str, Any]) -> None:
    history = [{"epoch": n, "train_loss": 1 / n, "loss": 1 / n, "accuracy": 1 - 1 / n} for n in range(1, 101)]

    assert len(reports.training_curves(history).to_json()) < 10_000
    assert len(reports.confusion_matrix_figure(metrics["test"]).to_json()) < 4_000


def test_the_confusion_matrix_shows_every_label_once(metrics: dict[str, Any]) -> None:
    figure = reports.confusion_matrix_figure(metrics["test"])

    heatmap = figure.data[0]
    assert heatmap.x == ("cat", "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;", "cat (2)")
    assert np.array(heatmap.customdata).tolist() == metrics["test"]["confusion_matrix"]
    assert [list(row) for row in heatmap.text] == [["1", "1", ""], ["1", "", ""], ["", "", "1"]]
    assert list(heatmap.z[0]) == [0.5, 0.5, 0.0]


def test_reliability_shows_filled_bins_only(metrics: dict[str, Any]) -> None:
    bins = [one for one in metrics["test"]["reliability"] if one["count"]]

    assert len(reports.reliability_figure(metrics["test"]).data[0].x) == len(bins)


def test_tables_escape_names(metrics: dict[str, Any]) -> None:
    items = [SnapshotItem("1", "f" * 64, "train", ("b",))]
    snapshot = make_snapshot(task_id="t", kind="multi_class", seed=0, evaluation_share=0.2, labels=LABELS, items=items)
    facts = {"cpu": EVIL, "packages": {EVIL: "1"}}

    parts = [
        reports.snapshot_html(snapshot, task=EVIL),
        reports.metrics_html(metrics),
        reports.parameters_html({EVIL: EVIL}),
        reports.environment_html(facts),
        reports.failed_images_html(failed_images(PREDICTIONS), lambda _: b"jpeg", label_names=["a", EVIL, "c"]),
    ]

    for part in parts:
        assert "&lt;img" in part
        assert "<img src=x" not in part


def test_nothing_measured_and_nothing_failed_is_said_in_words() -> None:
    assert "nothing was measured" in reports.metrics_html({"evaluation": None, "test": None})
    assert "No image" in reports.failed_images_html([], lambda _: b"")


def test_failed_images_come_with_their_pictures_most_confident_first() -> None:
    def read(image_id: str) -> bytes:
        if image_id == "3":
            raise NotFoundError("deleted meanwhile")
        return b"\xff\xd8jpeg"

    html = reports.failed_images_html(failed_images(PREDICTIONS), read, label_names=["a", "b", "c"])

    assert re.findall(r'title="(\d)"', html) == ["2", "3"]
    assert html.count("data:image/jpeg;base64,/9hqcGVn") == 1
    assert "deleted" in html


def executed(*outputs: dict[str, Any]) -> bytes:
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a",
        "metadata": {},
        "outputs": list(outputs),
        "source": "1",
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def plotly_output(figure: Any) -> dict[str, Any]:
    data = {"application/vnd.plotly.v1+json": json.loads(figure.to_json())}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_the_report_draws_figures_without_asking_any_host(metrics: dict[str, Any]) -> None:
    figure = reports.confusion_matrix_figure(metrics["test"], title=EVIL)

    page = reports.report_html(executed(plotly_output(figure), plotly_output(figure)), title=EVIL)

    assert page.count("Plotly.newPlot(") >= 2
    assert page.count("plotly.js v") == 1
    assert EVIL not in page
    assert "default-src 'none'" in page
    ours = page.replace(get_plotlyjs(), "")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', ours)
    assert "cdn" not in ours.lower()


def test_scripts_of_a_report_run_only_when_they_are_ours() -> None:
    evil = {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}, "metadata": {}}

    pages = [reports.report_html(executed(evil, plotly_output(reports.training_curves([]))), title="t") for _ in "12"]

    nonces = [re.findall(r"script-src 'nonce-([^']+)'", page) for page in pages]
    assert len({nonce for (nonce,) in nonces}) == 2
    for page, (nonce,) in zip(pages, nonces, strict=True):
        assert page.count(f'<script nonce="{nonce}">') == 2
        assert "<script>alert(1)</script>" in page  # without the nonce a browser does not run it


def test_a_report_without_figures_carries_no_plotly() -> None:
    page = reports.report_html(executed({"output_type": "stream", "name": "stdout", "text": "hello <b>"}), title="t")

    assert "hello &lt;b&gt;" in page
    assert len(page) < 10_000
