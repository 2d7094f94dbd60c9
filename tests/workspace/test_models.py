"""What a trained version offers: its files, its failed images, a later evaluation, its repetition."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from xvlab import TrainConfig
from xvlab.errors import AlreadyExistsError, NotFoundError
from xvlab.inference import load_predictor
from xvlab.registry import ModelRecord
from xvlab.workspace import Workspace, open_home


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits_folder: Path) -> Iterator[Workspace]:
    """A workspace with 30 images of each of three digits and one trained version of their task."""
    folder = tmp_path_factory.mktemp("few")
    for digit in "012":
        (folder / digit).mkdir()
        for file in sorted((digits_folder / digit).iterdir())[:30]:
            (folder / digit / file.name).write_bytes(file.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XVLAB_JOB_THREADS", "1")
        with open_home(tmp_path_factory.mktemp("home")) as home:
            workspace = home.workspace()
            task = workspace.tasks.create("Digits")
            workspace.imports.folder(folder, task=task)
            job = workspace.jobs.submit_training(task.id, TrainConfig(epochs=2, batch_size=32))
            done = workspace.jobs.wait(job.id, 200, work=True)
            assert done.state == "succeeded", done.error
            yield workspace


@pytest.fixture
def model(trained: Workspace) -> ModelRecord:
    return trained.models.list(trained.tasks.resolve("Digits").id)[0]


def test_the_files_of_a_model_answer_and_explain(trained: Workspace, model: ModelRecord) -> None:
    folder = trained.models.fetch(model.id)

    assert folder == trained.models.fetch(model.id)
    assert {file.name for file in folder.iterdir()} == set(model.artifacts)
    card = (folder / "README.md").read_text()
    assert trained.snapshots.get(model.snapshot_id).sha256 in card
    facts = json.loads((folder / "environment.json").read_text())
    assert facts["packages"]["torch"]
    assert len(facts["notebook_sha256"]) == 64
    assert [label.name for label in load_predictor(folder).labels] == ["0", "1", "2"]


def test_failed_images_and_cells_are_those_of_the_stored_predictions(trained: Workspace, model: ModelRecord) -> None:
    predictions = trained.models.predictions(model.id)
    labels = trained.models.labels(model.id)
    wrong = predictions.image_ids[predictions.predicted_index != predictions.true_index]

    failed = trained.models.failed(model.id)

    assert {row.image_id for row in failed} == set(wrong)
    assert [row.score for row in failed] == sorted((row.score for row in failed), reverse=True)
    matrix = trained.models.metrics(model.id)["evaluation"]["confusion_matrix"]
    for true, row in zip(labels, matrix, strict=True):
        for predicted, count in zip(labels, row, strict=True):
            assert len(trained.models.images_in_cell(model.id, true.id, predicted.id, "evaluation")) == count
    with pytest.raises(NotFoundError, match="label"):
        trained.models.images_in_cell(model.id, "nobody", labels[0].id)


@pytest.mark.parametrize("name", ["folder", "archive.zip"])
def test_an_export_holds_every_file(trained: Workspace, model: ModelRecord, tmp_path: Path, name: str) -> None:
    target = trained.models.export(model.id, tmp_path / name)

    names = zipfile.ZipFile(target).namelist() if target.is_file() else [file.name for file in target.iterdir()]
    assert set(names) == set(model.artifacts)
    with pytest.raises(AlreadyExistsError):
        trained.models.export(model.id, tmp_path / name)


def test_a_repeated_training_is_equal_and_makes_no_version(trained: Workspace, model: ModelRecord) -> None:
    outcome = trained.models.reproduce(model.id, timeout_seconds=200)

    assert (outcome.equal_metrics, outcome.equal_weights) == (True, True)
    assert [one for one in outcome.differences if not one.startswith("environment.git_commit")] == []
    assert trained.models.list(model.task_id) == (model,)


def test_an_evaluation_counts_no_image_that_was_learned_from(trained: Workspace, model: ModelRecord) -> None:
    learned = {item.image_id for item in trained.snapshots.content(model.snapshot_id).of_split("train")}
    held_out = trained.snapshots.content(model.snapshot_id).of_split("evaluation")
    trained.images.set_test([held_out[0].image_id], flag=True)

    job = trained.jobs.wait(trained.jobs.submit_evaluation(model.id).id, 200, work=True)

    assert job.state == "succeeded", job.error
    predictions = trained.models.predictions(model.id)
    assert not learned & set(predictions.image_ids)
    assert list(predictions.of_split("test").image_ids) == [held_out[0].image_id]
    metrics = trained.models.metrics(model.id)
    assert metrics["test"]["count"] == 1
    assert metrics["evaluation"]["count"] == len(held_out) - 1
    assert job.result["accuracy"] == metrics["test"]["accuracy"]


def test_another_workspace_sees_no_model(trained: Workspace, model: ModelRecord, tmp_path: Path) -> None:
    other = trained.home.create_workspace("other").models

    for read in (other.get, other.fetch, other.predictions, other.metrics, other.failed, other.delete, other.labels):
        with pytest.raises(NotFoundError):
            read(model.id)
    with pytest.raises(NotFoundError):
        other.export(model.id, tmp_path / "x")
    with pytest.raises(NotFoundError):
        other.promote(model.task_id, 1)
