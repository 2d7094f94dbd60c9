"""The report of a classifier equals scikit-learn's numbers on the same stored predictions."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from xvlab.data.predictions import Predictions
from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import InvalidInputError
from xvlab.metrics import evaluate_classification, failed_images, images_in_cell, reliability


def labels(count: int) -> list[SnapshotLabel]:
    return [SnapshotLabel(f"id-{i}", f"label {i}") for i in range(count)]


def random_predictions(n: int, classes: int, *, seed: int = 0, true_classes: int | None = None) -> Predictions:
    rng = np.random.default_rng(seed)
    raw = rng.random((n, classes)) ** 3 + 1e-4
    return Predictions(
        image_ids=np.array([f"image-{i:04d}" for i in range(n)], dtype=np.str_),
        splits=np.array(["test" if i % 3 == 0 else "evaluation" for i in range(n)], dtype=np.str_),
        true_index=rng.integers(0, true_classes or classes, n),
        probabilities=(raw / raw.sum(axis=1, keepdims=True)).astype(np.float32),
    )


def test_no_predictions_give_no_report() -> None:
    assert evaluate_classification(random_predictions(0, 3), labels(3)) == {"evaluation": None, "test": None}


def test_a_split_without_rows_is_none() -> None:
    rows = random_predictions(30, 3).of_split("test")
    report = evaluate_classification(rows, labels(3))
    assert report["evaluation"] is None
    assert report["test"]["count"] == 10


@pytest.mark.parametrize(
    ("n", "classes", "true_classes"),
    [
        pytest.param(1, 2, None, id="one row"),
        pytest.param(60, 2, None, id="two classes"),
        pytest.param(500, 10, None, id="ten classes"),
        pytest.param(90, 8, 3, id="classes that never occur"),
        pytest.param(6, 50, 50, id="more classes than rows"),
    ],
)
def test_numbers_equal_scikit_learn(n: int, classes: int, true_classes: int | None) -> None:
    rows = random_predictions(n, classes, seed=n, true_classes=true_classes)
    report = evaluate_classification(rows, labels(classes))
    for split in ("evaluation", "test"):
        part = rows.of_split(split)
        if not len(part.true_index):
            assert report[split] is None
            continue
        ours, true, predicted = report[split], part.true_index, part.predicted_index
        assert ours["accuracy"] == pytest.approx(sk.accuracy_score(true, predicted))
        every = np.arange(classes)
        assert ours["confusion_matrix"] == sk.confusion_matrix(true, predicted, labels=every).tolist()
        for average in ("macro", "weighted"):
            theirs = sk.precision_recall_fscore_support(true, predicted, average=average, zero_division=0)
            names = [f"{name}_{average}" for name in ("precision", "recall", "f1")]
            assert [ours[name] for name in names] == pytest.approx(theirs[:3])
        per_label = sk.precision_recall_fscore_support(true, predicted, labels=every, zero_division=0)
        for column, name in enumerate(("precision", "recall", "f1", "support")):
            assert [row[name] for row in ours["per_label"]] == pytest.approx(list(per_label[column]))
        exact = part.probabilities.astype(np.float64)
        exact /= exact.sum(axis=1, keepdims=True)
        assert ours["log_loss"] == pytest.approx(sk.log_loss(true, exact, labels=every), rel=1e-6)
        if classes > 3:
            top_3 = sk.top_k_accuracy_score(true, exact, k=3, labels=every)
            assert ours["top_3_accuracy"] == pytest.approx(top_3)


def test_the_report_is_json() -> None:
    report = evaluate_classification(random_predictions(40, 4), labels(4))
    assert json.loads(json.dumps(report)) == report


def test_reliability_of_known_answers() -> None:
    scores = np.array([0.0, 0.5, 0.5, 1.0, 0.95])
    right = np.array([False, True, False, True, True])
    table = reliability(scores, right, bins=10)
    assert [row.count for row in table] == [1, 0, 0, 0, 2, 0, 0, 0, 0, 2]
    assert (table[4].confidence, table[4].accuracy) == (0.5, 0.5)
    report = evaluate_classification(random_predictions(200, 3), labels(3))["evaluation"]
    expected = sum(r["count"] * abs(r["confidence"] - r["accuracy"]) for r in report["reliability"]) / report["count"]
    assert report["ece"] == pytest.approx(expected)
    assert sum(row["count"] for row in report["reliability"]) == report["count"]


@pytest.mark.parametrize(
    ("rows", "count", "message"),
    [
        pytest.param(random_predictions(9, 3), 4, "Expected 4 columns", id="another number of labels"),
        pytest.param(
            Predictions(np.array(["a"]), np.array(["test"]), np.array([7]), np.ones((1, 2), np.float32) / 2),
            2,
            "true classes in",
            id="a class out of range",
        ),
    ],
)
def test_predictions_of_another_task_are_refused(rows: Predictions, count: int, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        evaluate_classification(rows, labels(count))


def test_failed_images_come_by_confidence() -> None:
    rows = random_predictions(120, 4)
    failed = failed_images(rows)
    assert len(failed) == int((rows.predicted_index != rows.true_index).sum())
    assert [row.score for row in failed] == sorted((row.score for row in failed), reverse=True)
    assert all(row.predicted_index != row.true_index and row.true_score <= row.score for row in failed)
    assert {row.split for row in failed_images(rows, "test")} == {"test"}
    assert failed_images(random_predictions(0, 4)) == []


def test_cells_hold_exactly_the_images_they_count() -> None:
    rows = random_predictions(150, 3)
    matrix = evaluate_classification(rows, labels(3))["test"]["confusion_matrix"]
    seen: list[str] = []
    for true in range(3):
        for predicted in range(3):
            cell = images_in_cell(rows, true, predicted, "test")
            assert len(cell) == matrix[true][predicted]
            seen += [image.image_id for image in cell]
    assert sorted(seen) == sorted(rows.of_split("test").image_ids)
