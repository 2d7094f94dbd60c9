"""Job notebooks are committed clean, are functions of their parameters, and mirror the options they stand for."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from xvlab._resources import resource_folder
from xvlab.jobs.parameters import read_parameters
from xvlab.tasks import TrainConfig

NOTEBOOKS = sorted((resource_folder("notebooks") / "jobs").glob("*.ipynb"))
MOST_CELLS = 20
MOST_BYTES = 12_000

each = pytest.mark.parametrize("notebook", [pytest.param(path, id=path.stem) for path in NOTEBOOKS])


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]


def test_there_are_exactly_these_jobs() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["evaluate", "train"]


@each
def test_it_is_clean_and_small(notebook: Path) -> None:
    cells = code_cells(notebook)

    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert all(set(cell["metadata"]) <= {"tags"} for cell in cells)
    assert notebook.stat().st_size < MOST_BYTES
    assert len(cells) < MOST_CELLS


@each
def test_it_defines_nothing(notebook: Path) -> None:
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)

    for cell in code_cells(notebook):
        assert not [node for node in ast.walk(ast.parse("".join(cell["source"]))) if isinstance(node, defining)]


@each
def test_it_has_one_parameters_cell(notebook: Path) -> None:
    assert read_parameters(notebook)


def test_the_parameters_of_train_are_the_options_with_their_defaults() -> None:
    parameters = read_parameters(resource_folder("notebooks") / "jobs" / "train.ipynb")

    expected = {name: field.default for name, field in TrainConfig.model_fields.items()}
    assert {one.name: one.default for one in parameters} == expected
    assert all(type(one.default) is type(expected[one.name]) for one in parameters)


def test_the_comments_of_train_say_what_the_options_mean() -> None:
    (cell,) = (cell for cell in code_cells(NOTEBOOKS[1]) if cell["metadata"].get("tags") == ["parameters"])

    comments = {line.partition(":")[0]: line.partition("#")[2].strip() for line in cell["source"]}
    assert comments == {name: field.description for name, field in TrainConfig.model_fields.items()}
