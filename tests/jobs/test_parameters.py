"""The allow-list: what may reach papermill, and that what may arrives unchanged."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xvlab.errors import InvalidInputError
from xvlab.jobs.parameters import NotebookParameter, check_parameters, read_parameters

from .conftest import notebook_bytes

ALLOWED = (
    NotebookParameter("text", ""),
    NotebookParameter("count", 0),
    NotebookParameter("rate", 0.5),
    NotebookParameter("flag", default=False),
    NotebookParameter("names", []),
)


@pytest.mark.parametrize(
    ("values", "checked"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"text": "a"}, {"text": "a"}, id="text"),
        pytest.param({"rate": 1}, {"rate": 1.0}, id="whole number for a float"),
        pytest.param({"names": ["a", {"b": None}]}, {"names": ["a", {"b": None}]}, id="nested JSON"),
    ],
)
def test_allowed_values_pass(values: dict[str, Any], checked: dict[str, Any]) -> None:
    assert check_parameters(values, ALLOWED) == checked


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"import os;os.system('id')#": 1}, id="code as a name"),
        pytest.param({"text\nprint(1)": "a"}, id="newline in a name"),
        pytest.param({"class": 1}, id="keyword"),
        pytest.param({"": 1}, id="empty name"),
        pytest.param({"unknown": 1}, id="not in the cell"),
        pytest.param({3: 1}, id="name that is no text"),
        pytest.param({"count": True}, id="flag for a number"),
        pytest.param({"count": 1.5}, id="fraction for a whole number"),
        pytest.param({"count": "1"}, id="text for a number"),
        pytest.param({"rate": math.nan}, id="not a number"),
        pytest.param({"rate": math.inf}, id="infinite"),
        pytest.param({"text": Path("x")}, id="object"),
        pytest.param({"text": "\x00"}, id="control character"),
        pytest.param({"text": "\ud800"}, id="half a character"),
        pytest.param({"names": [{"a": object()}]}, id="object deep inside"),
        pytest.param({"names": ("a",)}, id="tuple"),
    ],
)
def test_everything_else_is_refused_by_name(values: dict[Any, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_parameters(values, ALLOWED)

    assert caught.value.field == str(next(iter(values)))


@settings(max_examples=300, deadline=None)
@given(st.recursive(st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False), st.lists, max_leaves=5))
def test_what_passes_reaches_the_notebook_unchanged(value: Any) -> None:
    from papermill.translators import PythonTranslator

    try:
        checked = check_parameters({"names": [value]}, ALLOWED)
    except InvalidInputError:
        return
    injected = ast.parse(PythonTranslator.codify(checked))
    assert len(injected.body) == 1
    assert ast.literal_eval(injected.body[0].value) == checked["names"]  # type: ignore[attr-defined]


def test_a_parameters_cell_is_read_without_running_it(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(notebook_bytes(parameters="a = 1\nb: str = 'x'  # help\nc: float = -0.5"))

    assert [(one.name, one.default) for one in read_parameters(file)] == [("a", 1), ("b", "x"), ("c", -0.5)]


@pytest.mark.parametrize("line", ["import os", "a = open('x')", "a, b = 1, 2", "a: int", "print(1)"])
def test_a_parameters_cell_with_code_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(notebook_bytes(parameters=line))

    with pytest.raises(InvalidInputError, match="Line 1"):
        read_parameters(file)


def test_a_notebook_without_parameters_cell_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(notebook_bytes().replace(b'"parameters"', b'"other"'))

    with pytest.raises(InvalidInputError, match="found 0"):
        read_parameters(file)
