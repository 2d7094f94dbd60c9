"""Presets build, weights come from folders, trained models are written and read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import xvlab.models as models  # isort: skip - before timm, which imports torchvision
import timm  # isort: skip
import torch  # isort: skip
from xvlab.data.images import encode_png
from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import ConfigurationError, ImageRejectedError, InvalidInputError, NotFoundError, StorageError
from xvlab.models.preprocessing import Preprocessing, read_preprocessing
from xvlab.tasks import find_preset, kinds

LABELS = tuple(SnapshotLabel(f"id-{i}", f"label {i}") for i in range(3))
SMALL = find_preset("small")


def saved_small_model(folder: Path) -> models.BuiltModel:
    built = models.build_model(SMALL, outputs=3, image_size=16)
    models.save_model(folder, built, built.network.state_dict(), kind="multi_class", labels=LABELS)
    return built


@pytest.mark.parametrize("preset", models.presets(), ids=lambda preset: preset.name)
def test_every_preset_builds_and_answers(preset) -> None:
    built = models.build_model(preset, outputs=3, image_size=56, weights="none")
    count = sum(p.numel() for p in built.network.parameters())
    assert built.network.eval()(torch.zeros(1, 3, 56, 56)).shape == (1, 3)
    assert count / 1e6 == pytest.approx(preset.millions_of_parameters, rel=0.35)


def test_torchvision_is_importable_after_models() -> None:
    code = "import xvlab.models, torchvision.transforms.v2, os; print(os.environ['GOMP_SPINCOUNT'])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP", "GOMP"))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "20000"


def test_a_trained_model_is_read_back_and_timm_reads_it_too(tmp_path: Path) -> None:
    built = saved_small_model(tmp_path)
    loaded = models.load_model(tmp_path)
    images = torch.rand(2, 3, 16, 16)
    expected = built.network.eval()(images)
    assert torch.equal(loaded.network(images), expected)
    assert (loaded.labels, loaded.kind, loaded.preprocessing) == (LABELS, "multi_class", built.preprocessing)
    by_timm = timm.create_model(f"local-dir:{tmp_path}", pretrained=True)
    assert torch.equal(by_timm.eval()(images), expected)


def test_weights_come_from_a_local_folder(tmp_path: Path) -> None:
    source = saved_small_model(tmp_path)
    built = models.build_model(SMALL, outputs=7, image_size=32, weights=str(tmp_path), offline=True)
    theirs, ours = source.network.state_dict(), built.network.state_dict()
    assert torch.equal(ours["stem.0.weight"], theirs["stem.0.weight"])
    assert built.network(torch.zeros(2, 3, 32, 32)).shape == (2, 7)
    assert built.preprocessing.image_size == 32


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        pytest.param("/no/such/folder", "does not exist", id="missing folder"),
        pytest.param("hf-hub:nobody/nothing", "offline mode is on", id="hub name, not in the cache"),
        pytest.param("", "offline mode is on", id="the preset's own, not in the cache"),
    ],
)
def test_missing_weights_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: str, message: str
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConfigurationError, match=message):
        models.build_model(find_preset("mobile"), outputs=3, image_size=64, weights=weights, offline=True)


def test_a_folder_that_is_not_whole_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing: config.json, model.safetensors"):
        models.build_model(SMALL, outputs=3, image_size=16, weights=str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"architecture": "no_such_net"}), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        models.build_model(SMALL, outputs=3, image_size=16, weights=str(tmp_path))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "preprocessing.json"])
@pytest.mark.parametrize("content", [pytest.param(None, id="missing"), pytest.param(b"{}", id="damaged")])
def test_a_damaged_model_folder_is_explained(tmp_path: Path, name: str, content: bytes | None) -> None:
    saved_small_model(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((StorageError, InvalidInputError), match="again"):
        models.load_model(tmp_path)


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_kind_has_answers(kind: str) -> None:
    answers = models.answers_of(kind)(torch.randn(4, 3))
    assert torch.allclose(answers.sum(1), torch.ones(4))
    with pytest.raises(NotFoundError):
        models.answers_of("no such kind")


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        pytest.param((16, 16, 3), 16, id="as it is"),
        pytest.param((9, 31, 3), 16, id="wide, both ways"),
        pytest.param((1, 1, 3), 8, id="one pixel"),
        pytest.param((64, 20, 3), 16, id="smaller"),
    ],
)
def test_images_are_resized_whole(shape: tuple[int, int, int], size: int) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    resized = Preprocessing(size).decode(rgb)
    assert resized.shape == (size, size, 3)
    assert resized.dtype == np.uint8
    assert np.array_equal(Preprocessing(size).decode(encode_png(rgb)), resized)
    assert abs(float(resized.mean()) - float(rgb.mean())) < 12


def test_pixels_are_normalised() -> None:
    steps = Preprocessing(2, mean=(0.5, 0.0, 1.0), std=(0.5, 1.0, 2.0))
    pixels = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    assert steps.normalise(pixels)[0, :, 0, 0].tolist() == [1.0, 1.0, 0.0]
    assert torch.equal(steps.normalise(pixels.float()), steps.normalise(pixels))
    assert read_preprocessing(json.loads(json.dumps(steps.as_dict()))) == steps


@pytest.mark.parametrize(
    ("image", "error"),
    [
        pytest.param(b"", ImageRejectedError, id="no bytes"),
        pytest.param(b"no image", ImageRejectedError, id="other bytes"),
        pytest.param(np.zeros((4, 4), np.uint8), InvalidInputError, id="no channels"),
        pytest.param(np.zeros((4, 4, 3), np.float32), InvalidInputError, id="floats"),
        pytest.param(np.zeros((0, 4, 3), np.uint8), InvalidInputError, id="no rows"),
    ],
)
def test_what_is_no_image_is_refused(image, error: type[Exception]) -> None:
    with pytest.raises(error):
        Preprocessing(8).decode(image)


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [
        pytest.param("cpu", "float16", "needs a GPU", id="float16 on a CPU"),
        pytest.param("cuda:99", "auto", "found", id="a GPU that is not there"),
    ],
)
def test_devices_that_do_not_fit_are_explained(device: str, precision: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        models.choose_precision(precision, models.choose_device(device))
    assert models.choose_precision("auto", torch.device("cpu")) == "float32"
