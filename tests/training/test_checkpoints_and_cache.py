"""What lies on disk survives damage: checkpoints fall back, the cache is written once and whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from training.digits_data import digits_data

from xvlab.data.snapshot import SnapshotItem
from xvlab.errors import InvalidInputError, StorageError
from xvlab.models import Preprocessing
from xvlab.training.cache import cached_pixels
from xvlab.training.checkpoints import Checkpoints, read_tensors, write_tensors


def test_nothing_saved_gives_nothing(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "none").newest() is None


def test_tensors_are_read_back(tmp_path: Path) -> None:
    write_tensors(tmp_path / "a.ckpt", {"weights": torch.arange(3), "step": 4})
    body = read_tensors(tmp_path / "a.ckpt")
    assert torch.equal(body["weights"], torch.arange(3))
    assert body["step"] == 4


def test_old_checkpoints_go_and_their_best_weights_with_them(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in (10, 20, 30):
        checkpoints.save_best(step, {"step": step})
        checkpoints.save(step, {"step": step}, best_step=step)
    assert len(list(tmp_path.iterdir())) == 4
    assert checkpoints.newest() == {"step": 30}
    assert checkpoints.best(20) == {"step": 20}


@pytest.mark.parametrize(
    "damaged",
    [pytest.param("step-0000000020-0000000020.ckpt", id="checkpoint"), pytest.param("best-0000000020.ckpt", id="best")],
)
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-9]), id="cut off"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"), id="one wrong byte"),
    ],
)
def test_a_damaged_file_falls_back_to_the_checkpoint_before(tmp_path: Path, damaged: str, damage) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in (10, 20):
        checkpoints.save_best(step, {"step": step})
        checkpoints.save(step, {"step": step}, best_step=step)
    damage(tmp_path / damaged)
    assert checkpoints.newest() == {"step": 10}


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        Checkpoints(tmp_path).best(3)


def test_pixels_are_decoded_once(tmp_path: Path) -> None:
    data = digits_data(30)
    reads: list[str] = []

    def read(sha256: str) -> bytes:
        reads.append(sha256)
        return data.read_image(sha256)

    progress: list[tuple[int, int]] = []
    items = data.snapshot.items
    for _ in range(2):
        pixels = cached_pixels(
            tmp_path, items, read, Preprocessing(16), on_progress=lambda done, of: progress.append((done, of))
        )
    assert pixels.shape == (30, 16, 16, 3)
    assert len(reads) == 30
    assert progress == [(30, 30)]
    assert np.array_equal(pixels[7], Preprocessing(16).decode(data.read_image(items[7].sha256)))
    assert cached_pixels(tmp_path, items, read, Preprocessing(8), on_progress=lambda *_: None).shape[1] == 8


def test_no_items_need_no_file(tmp_path: Path) -> None:
    assert cached_pixels(tmp_path, [], bytes, Preprocessing(16), on_progress=lambda *_: None).shape == (0, 16, 16, 3)


def test_a_broken_image_is_named_and_leaves_no_cache(tmp_path: Path) -> None:
    items = [SnapshotItem("broken-one", "0" * 64, "train", ("id-1",))]
    with pytest.raises(InvalidInputError, match="broken-one"):
        cached_pixels(tmp_path, items, lambda _: b"not an image", Preprocessing(16), on_progress=lambda *_: None)
    assert not list(tmp_path.glob("*.u8"))
