"""Kinds, presets and options are plain data that checks itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from xvlab.errors import AlreadyExistsError, NotFoundError
from xvlab.tasks import MULTI_CLASS, PRESETS, TrainConfig, find_preset, kinds, preset_names, register_kind, task_kind


def test_no_deep_learning_library_is_loaded() -> None:
    code = "import sys, xvlab.tasks, xvlab.metrics; print({'torch', 'timm', 'torchvision'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_is_described_and_has_a_recipe(kind) -> None:
    assert kind.title
    assert kind.description.endswith(".")
    assert isinstance(kind.default_config(), TrainConfig)
    assert task_kind(kind.name) is kind


def test_kinds_are_unique_and_unknown_ones_are_refused() -> None:
    with pytest.raises(AlreadyExistsError):
        register_kind(MULTI_CLASS)
    with pytest.raises(NotFoundError, match="multi_class"):
        task_kind("no such kind")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_is_described(preset) -> None:
    assert find_preset(preset.name) is preset
    assert preset_names()[preset.name] == preset.title
    assert preset.description.endswith(".")
    assert bool(preset.weights) == bool(preset.weights_license)
    assert preset.weights_license in {"", "Apache-2.0", "MIT", "BSD-3-Clause"}


def test_preset_names_start_with_auto_and_unknown_ones_are_refused() -> None:
    assert next(iter(preset_names())) == "auto"
    with pytest.raises(NotFoundError, match="small"):
        find_preset("no such preset")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        pytest.param({"epoch": 3}, "epoch", id="misspelt option"),
        pytest.param({"epochs": -1}, "epochs", id="negative number"),
        pytest.param({"label_smoothing": 1.0}, "label_smoothing", id="all mass smoothed away"),
        pytest.param({"device": "tpu"}, "device", id="unknown device"),
        pytest.param({"plan": "0-100"}, "plan", id="plan in another format"),
        pytest.param({"augmentation": "wild"}, "augmentation", id="unknown level"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        TrainConfig(**options)
