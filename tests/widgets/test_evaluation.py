"""The confusion matrix opens exactly its images; failed images are cured with one gesture and back with another."""

from __future__ import annotations

import pytest

from xvlab.errors import NotFoundError
from xvlab.registry import ModelRecord
from xvlab_widgets import ConfusionMatrix, EvaluatePage, FailedImages, ModelVersions

from .conftest import Shop, register_model


def test_every_cell_opens_exactly_the_images_it_counts(shop: Shop, trained: ModelRecord) -> None:
    matrix = ConfusionMatrix(shop.workspace, trained.id, split="evaluation")
    labels, counts = matrix.grid.matrix["labels"], matrix.grid.matrix["counts"]
    seen: list[str] = []
    for row, true in enumerate(labels):
        for column, predicted in enumerate(labels):
            matrix.grid.handle(
                {"action": "open_cell", "true_label_id": true["id"], "predicted_label_id": predicted["id"]}
            )
            assert (matrix.grid.error, len(matrix.images.image_ids)) == ("", counts[row][column])
            assert {tile["true"]["id"] for tile in matrix.images.rows} <= {true["id"]}
            seen += matrix.images.image_ids
    assert sorted(seen) == sorted(image.id for image in shop.images[:4])


def test_test_images_come_first_and_the_other_split_closes_the_cell(shop: Shop, trained: ModelRecord) -> None:
    matrix = ConfusionMatrix(shop.workspace, trained.id)
    assert (matrix.split, matrix.grid.matrix["count"]) == ("test", 2)
    matrix.open_cell(shop.label_id("shirt"), shop.label_id("shirt"))
    matrix.choose_split("evaluation")
    assert (matrix.grid.cell, matrix.images.layout.display, matrix.grid.matrix["count"]) == ({}, "none", 4)


def test_unknown_labels_of_a_cell_are_refused(shop: Shop, trained: ModelRecord) -> None:
    matrix = ConfusionMatrix(shop.workspace, trained.id)
    matrix.grid.handle({"action": "open_cell", "true_label_id": "x", "predicted_label_id": "y"})
    assert "does not know the label" in matrix.grid.error


def test_the_plotly_figure_shows_the_same_counts(shop: Shop, trained: ModelRecord) -> None:
    matrix = ConfusionMatrix(shop.workspace, trained.id, split="evaluation")
    heatmap = matrix.figure().data[0]
    assert (
        [list(map(int, row)) for row in heatmap.customdata] if heatmap.customdata is not None else heatmap.z is not None
    )


def test_failed_images_tell_what_is_and_what_was_said(shop: Shop, trained: ModelRecord) -> None:
    failed = FailedImages(shop.workspace, trained.id, split="evaluation")
    (row,) = failed.rows
    assert (row["true"]["name"], row["predicted"]["name"], round(row["score"], 3)) == ("shirt", "shoe", 0.8)
    assert FailedImages(shop.workspace, trained.id).page["total"] == 2


def test_relabel_exclude_and_undo(shop: Shop, trained: ModelRecord) -> None:
    failed = FailedImages(shop.workspace, trained.id, split="evaluation")
    image_id, is_excluded = failed.rows[0]["id"], shop.workspace.annotations.is_excluded
    failed.handle({"action": "relabel", "image_id": image_id, "label_id": shop.label_id("shoe")})
    assert (shop.names_of(image_id), failed.rows[0]["state"]) == (["shoe"], "now shoe")
    failed.handle({"action": "exclude", "image_id": image_id})
    assert is_excluded(shop.task.id, image_id)
    failed.handle({"action": "undo"})
    failed.handle({"action": "undo"})
    assert (shop.names_of(image_id), is_excluded(shop.task.id, image_id)) == (["shirt"], False)
    assert (failed.rows[0]["state"], failed.can_undo, failed.error) == ("", False, "")


def test_only_listed_images_can_be_changed(shop: Shop, trained: ModelRecord) -> None:
    failed = FailedImages(shop.workspace, trained.id)
    failed.handle({"action": "exclude", "image_id": shop.images[5].id})
    assert "not in the list" in failed.error


def test_deleted_images_are_left_out(shop: Shop, trained: ModelRecord) -> None:
    shop.workspace.images.delete(shop.images[0].id)
    assert FailedImages(shop.workspace, trained.id, split="evaluation").rows == []


def test_versions_are_promoted_and_rolled_back(shop: Shop, trained: ModelRecord) -> None:
    second = register_model(shop, [(shop.images[0].id, "evaluation")])
    versions = ModelVersions(shop.workspace, shop.task)
    assert [(row["version"], row["is_production"], row["is_chosen"]) for row in versions.versions] == [
        (2, True, True),
        (1, False, False),
    ]
    versions.handle({"action": "promote", "version": 1})
    assert shop.workspace.models.version(shop.task.id).id == trained.id
    versions.handle({"action": "roll_back"})
    assert shop.workspace.models.version(shop.task.id).id == second.id
    versions.handle({"action": "delete", "model_id": second.id})
    assert "in production" in versions.error
    versions.handle({"action": "delete", "model_id": trained.id})
    assert [row["version"] for row in versions.versions] == [2]


def test_the_page_follows_version_and_split(shop: Shop, trained: ModelRecord) -> None:
    page = EvaluatePage(shop.workspace, shop.task)
    assert (page.error, page.split, page.matrix.split) == ("", "test", "test")
    page.choose_split("evaluation")
    assert (page.matrix.split, page.failed.page["total"]) == ("evaluation", 1)
    second = register_model(shop, [(shop.images[0].id, "evaluation")])
    page.versions.handle({"action": "choose", "model_id": second.id})
    assert page.matrix.model.id == second.id
    assert EvaluatePage(shop.workspace, model_id=trained.id).versions.chosen_id == trained.id


def test_a_task_without_models_and_an_unknown_model(shop: Shop) -> None:
    page = EvaluatePage(shop.workspace, shop.task)
    assert (page.error, page.matrix, page.versions.versions) == ("", None, [])
    assert "no model" in EvaluatePage(shop.workspace, model_id="nothing").error.lower()
    with pytest.raises(NotFoundError):
        ConfusionMatrix(shop.workspace, "nothing")
