"""A predictor answers the same whatever the batch, the thread and the form of the image."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training.digits_data import LABELS, digits_data

from xvlab.data.images import decode_rgb
from xvlab.data.snapshot import TrainingData
from xvlab.errors import ImageRejectedError, InvalidInputError, StorageError
from xvlab.inference import MOST_IMAGES_AT_ONCE, Predictor, load_predictor, predict_snapshot
from xvlab.models import build_model, save_model
from xvlab.tasks import find_preset

DATA = digits_data(200)
IMAGES = [DATA.read_image(item.sha256) for item in DATA.snapshot.items]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    built = build_model(find_preset("small"), outputs=10, image_size=16)
    folder = tmp_path_factory.mktemp("model")
    return save_model(folder, built, built.network.state_dict(), kind="multi_class", labels=LABELS)


@pytest.fixture(scope="module")
def predictor(model_folder: Path) -> Predictor:
    return load_predictor(model_folder, device="cpu")


def test_no_images_give_no_rows(predictor: Predictor) -> None:
    assert predictor.predict([]).shape == (0, 10)


@pytest.mark.parametrize("count", [1, 3, MOST_IMAGES_AT_ONCE, MOST_IMAGES_AT_ONCE + 1, 200])
def test_rows_are_probabilities_in_the_given_order(predictor: Predictor, count: int) -> None:
    rows = predictor.predict(IMAGES[:count])
    assert rows.shape == (count, 10)
    assert rows.dtype == np.float32
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(rows[-1], predictor.predict([IMAGES[count - 1]])[0], atol=1e-5)


def test_bytes_and_pixels_give_the_same_answer(predictor: Predictor) -> None:
    mixed = [IMAGES[0], decode_rgb(IMAGES[0])]
    first, second = predictor.predict(mixed)
    assert np.array_equal(first, second)
    assert (predictor.labels, predictor.kind, predictor.image_size) == (LABELS, "multi_class", 16)


def test_threads_share_a_predictor(predictor: Predictor) -> None:
    expected = predictor.predict(IMAGES[:40])
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: predictor.predict(IMAGES[:40]), range(8)):
            assert np.array_equal(rows, expected)


def test_bad_images_are_refused(predictor: Predictor) -> None:
    with pytest.raises(ImageRejectedError):
        predictor.predict([IMAGES[0], b"no image"])


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        load_predictor(tmp_path)


def test_a_snapshot_is_predicted_in_its_order(predictor: Predictor) -> None:
    progress: list[tuple[int, int]] = []
    rows = predict_snapshot(predictor, DATA, on_progress=lambda done, of: progress.append((done, of)))
    items = DATA.snapshot.of_split("evaluation", "test")
    assert rows.image_ids.tolist() == [item.image_id for item in items]
    assert rows.splits.tolist() == [item.split for item in items]
    assert [f"id-{i}" for i in rows.true_index] == [item.label_ids[0] for item in items]
    assert np.allclose(rows.probabilities[3], predictor.predict([DATA.read_image(items[3].sha256)])[0], atol=1e-5)
    assert progress == [(80, 80)]
    assert len(predict_snapshot(predictor, DATA, splits=("test",)).image_ids) == 40


def test_an_empty_snapshot_gives_no_rows(predictor: Predictor) -> None:
    empty = TrainingData(replace(DATA.snapshot, items=()), DATA.read_image)
    assert predict_snapshot(predictor, empty).probabilities.shape == (0, 10)


def test_images_of_other_labels_are_refused(predictor: Predictor) -> None:
    item = replace(DATA.snapshot.of_split("test")[0], label_ids=("another",))
    other = TrainingData(replace(DATA.snapshot, items=(item,)), DATA.read_image)
    with pytest.raises(InvalidInputError, match="model's labels"):
        predict_snapshot(predictor, other)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and there is none")
def test_a_gpu_answers_as_the_cpu(model_folder: Path, predictor: Predictor) -> None:
    rows = load_predictor(model_folder, device="cuda").predict(IMAGES)
    assert np.allclose(rows, predictor.predict(IMAGES), atol=1e-3)
