"""Models in memory: loaded when asked, forgotten by age, changed by promotion at the next request."""

import shutil

import numpy as np
import pytest

from tests.serving.trained_home import TASK
from xvlab.errors import ConfigurationError, ImageRejectedError, NotFoundError
from xvlab.inference import load_predictor
from xvlab.serving import LiveModels
from xvlab.workspace import open_home
from xvlab.workspace.live import live_models


@pytest.fixture
def trained(trained_folder, tmp_path):
    shutil.copytree(trained_folder, tmp_path / "home")
    with open_home(tmp_path / "home") as home:
        yield home.workspace()


@pytest.fixture
def pictures(trained):
    return [trained.images.content(image.id) for image in trained.images.page(limit=5).items]


def test_no_room_is_refused():
    with pytest.raises(ConfigurationError):
        LiveModels(0)


def test_answers_equal_the_predictor_and_are_sorted(trained, pictures):
    task = trained.tasks.find(TASK)
    model = trained.models.version(task.id)
    expected = load_predictor(trained.models.fetch(model.id)).predict(pictures)
    answers = trained.live.classify(task.id, pictures)
    names = [label.name for label in trained.models.labels(model.id)]
    for answer, row in zip(answers, expected, strict=True):
        assert answer.label_name == names[int(row.argmax())]
        assert [score.score for score in answer.all] == pytest.approx(sorted(row.tolist(), reverse=True), abs=1e-6)
        assert sum(score.score for score in answer.all) == pytest.approx(1.0, abs=1e-5)
        assert (answer.width, answer.height) == (8, 8)


def test_promotion_is_picked_up_by_the_next_request(trained, pictures):
    task = trained.tasks.find(TASK)
    first, _ = trained.live.classify_each(task.id, pictures)
    trained.models.promote(task.id, 2)
    second, _ = trained.live.classify_each(task.id, pictures)
    assert (first.version, second.version) == (1, 2)
    assert live_models(trained.home).loaded == (first.id, second.id)


def test_a_version_may_be_named(trained, pictures):
    task = trained.tasks.find(TASK)
    model, _ = trained.live.classify_each(task.id, pictures, version=2)
    assert model.version == 2
    with pytest.raises(NotFoundError):
        trained.live.classify(task.id, pictures, version=99)


def test_bad_images_fail_alone(trained, pictures):
    task = trained.tasks.find(TASK)
    _, results = trained.live.classify_each(task.id, [pictures[0], b"nothing"])
    assert results[0].label_name
    assert isinstance(results[1], ImageRejectedError)
    with pytest.raises(ImageRejectedError):
        trained.live.classify(task.id, [b"nothing"])
    assert trained.live.classify(task.id, []) == []


def test_without_production_version_nothing_answers(workspace):
    task = workspace.tasks.create("empty")
    with pytest.raises(NotFoundError):
        workspace.live.classify(task.id, [])


def test_the_least_recently_asked_model_goes_first(trained):
    task = trained.tasks.find(TASK)
    models = LiveModels(1)
    pixels = [np.zeros((8, 8, 3), dtype=np.uint8)]
    for version in (1, 2):
        model = trained.models.version(task.id, version)
        models.predict(model.id, lambda model=model: trained.models.fetch(model.id), pixels)
    assert models.loaded == (trained.models.version(task.id, 2).id,)


def test_a_model_that_cannot_be_loaded_is_tried_again(trained, tmp_path):
    task = trained.tasks.find(TASK)
    model = trained.models.version(task.id)
    models = LiveModels(2)
    pixels = [np.zeros((8, 8, 3), dtype=np.uint8)]
    with pytest.raises(Exception, match=r".+"):
        models.predict(model.id, lambda: tmp_path / "nothing", pixels)
    assert models.loaded == ()
    assert models.predict(model.id, lambda: trained.models.fetch(model.id), pixels).probabilities.shape == (1, 3)
