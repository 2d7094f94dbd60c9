"""The main job, done by a person: label, train, watch, look at the mistakes, mend one, ask the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.product import TASK, UNLABELLED, WRONG_LABEL, WRONG_NUMBER, Product, Sight

from xvlab.metrics import FailedImage
from xvlab.workspace import Workspace
from xvlab.workspace.images import ImageFilter

TRAINING_TIMEOUT_MS = 200_000


def digit_of(name: str) -> str:
    """What is really on the image with this file name."""
    from sklearn.datasets import load_digits

    return str(load_digits().target[int(Path(name).stem)])


def shown_image(sight: Sight, *, after: str = "") -> str:
    """Id of the image on the labeller's screen, once it is another than the last one."""
    shown = "document.querySelector('.xv-labeller')?.dataset.xvShown"
    script = f"last => {{ const id = {shown}; return id && id !== last && id; }}"
    return str(sight.page.wait_for_function(script, arg=after).json_value())


def label_of(workspace: Workspace, image_id: str) -> list[str]:
    """Names of the labels that the store holds for an image."""
    return [label.name for label in workspace.images.get(image_id).labels]


def label_all_by_keys(product: Product, sight: Sight, workspace: Workspace) -> None:
    """Give every image without a label its digit by number keys; take one answer back on the way."""
    task = workspace.tasks.resolve(TASK)
    keys = {label.name: str((index + 1) % 10) for index, label in enumerate(task.labels)}
    sight.enter(product.page("annotate", task=TASK))
    image_id = shown_image(sight)
    sight.shoot("annotate")
    seen: list[str] = []
    for number in range(UNLABELLED):
        digit = digit_of(workspace.images.get(image_id).name)
        if number == 2:
            sight.page.keyboard.press(keys["1" if digit != "1" else "2"])
            shown_image(sight, after=image_id)
            sight.page.keyboard.press("u")
            sight.page.wait_for_function(
                "id => document.querySelector('.xv-labeller').dataset.xvShown === id", arg=image_id
            )
            assert label_of(workspace, image_id) == []
        sight.page.keyboard.press(keys[digit])
        seen.append(image_id)
        if number < UNLABELLED - 1:
            image_id = shown_image(sight, after=image_id)
    sight.page.wait_for_selector(".xv-labeller-done:not([hidden])")
    assert len(set(seen)) == UNLABELLED
    assert {image: label_of(workspace, image) for image in seen} == {
        image: [digit_of(workspace.images.get(image).name)] for image in seen
    }


def train_and_watch(product: Product, sight: Sight, workspace: Workspace) -> str:
    """Start a training, watch it live, and return the id of its model."""
    sight.enter(product.page("train", task=TASK))
    sight.page.wait_for_selector(".xv-start-training")
    sight.page.get_by_label("Put it into production").check()
    sight.page.click(".xv-start-training")
    sight.page.wait_for_selector("[data-xv=state][data-state=running]", timeout=60_000)
    sight.page.wait_for_selector(".xv-chart canvas", timeout=TRAINING_TIMEOUT_MS)
    sight.shoot("train")
    sight.page.wait_for_selector("[data-xv=state][data-state=succeeded]", timeout=TRAINING_TIMEOUT_MS)
    sight.page.wait_for_selector("[data-xv=evaluate-link]")
    sight.shoot("train_done")
    task = workspace.tasks.resolve(TASK)
    job = workspace.jobs.list(task.id).items[0]
    assert job.state == "succeeded", job.error
    assert task.production_version == 1
    assert job.progress["history"]
    return workspace.models.version(task.id).id


def open_its_cell(sight: Sight, workspace: Workspace, model_id: str, wrong: FailedImage) -> None:
    """Click the cell of the wrongly labelled image; exactly the cell's images must be shown."""
    sight.page.wait_for_selector("table.xv-matrix")
    sight.shoot("evaluate")
    sight.page.click(f"td[data-true='{wrong.true_index}'][data-predicted='{wrong.predicted_index}']")
    sight.page.wait_for_function("document.querySelectorAll('.xv-evaluated').length > 1")
    cell = sight.page.locator(".xv-evaluated").first
    cell.locator(".xv-evaluated-tile").first.wait_for()
    sight.shoot("evaluate_cell")
    ids = [label.id for label in workspace.models.labels(model_id)]
    stored = workspace.models.images_in_cell(model_id, ids[wrong.true_index], ids[wrong.predicted_index], "test")
    shown = cell.locator(".xv-evaluated-tile").evaluate_all("tiles => tiles.map(tile => tile.dataset.id)")
    assert wrong.image_id in shown
    assert sorted(shown) == sorted(image.image_id for image in stored)


def relabel(sight: Sight, workspace: Workspace, model_id: str, wrong: FailedImage) -> None:
    """One click on a failed image gives it the label that the model said."""
    assert label_of(workspace, wrong.image_id) == [WRONG_LABEL]
    tile = f".xv-evaluated-tile[data-id='{wrong.image_id}']"
    sight.page.locator(tile).last.locator("[data-xv=relabel]").click()
    sight.page.wait_for_selector(f"{tile} .xv-chip.xv-good")
    assert label_of(workspace, wrong.image_id) == [workspace.models.labels(model_id)[wrong.predicted_index].name]


def ask_about_a_file(product: Product, sight: Sight, workspace: Workspace) -> None:
    """Drop an image on the test page and read the answer."""
    images = workspace.images.page(ImageFilter(is_test=True), limit=200).items
    seven = next(image for image in images if digit_of(image.name) == "7")
    sight.enter(product.page("test", task=TASK))
    data = workspace.images.content(seven.id)
    sight.page.set_input_files("input[type=file]", {"name": "seven.png", "mimeType": "image/png", "buffer": data})
    sight.page.wait_for_selector(".xv-test-result .xv-bar", timeout=90_000)
    sight.shoot("test")
    stored = workspace.live.classify(workspace.tasks.resolve(TASK).id, [data])[0]
    assert stored.label_name in sight.page.inner_text(".xv-test-result")


@pytest.mark.timeout(400)
def test_a_person_labels_trains_looks_mends_and_asks(product: Product, sight: Sight) -> None:
    with product.open_home() as home:
        workspace = home.workspace()
        sight.enter(product.page("home"))
        sight.page.wait_for_selector("[data-xv=annotate]")
        sight.shoot("home")
        label_all_by_keys(product, sight, workspace)
        model_id = train_and_watch(product, sight, workspace)
        sight.page.click("[data-xv=evaluate-link]", no_wait_after=True)
        sight.page.wait_for_selector("table.xv-matrix", timeout=90_000)
        mislabelled = workspace.images.page(ImageFilter(search=f"{WRONG_NUMBER:04}"), limit=1).items[0]
        failed = workspace.models.failed(model_id, split="test")
        wrong = next(image for image in failed if image.image_id == mislabelled.id)
        open_its_cell(sight, workspace, model_id, wrong)
        relabel(sight, workspace, model_id, wrong)
        ask_about_a_file(product, sight, workspace)
        sight.enter(product.page("home"))
        sight.shoot("home_done")
