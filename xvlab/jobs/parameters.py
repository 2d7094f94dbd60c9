"""What may be injected into a job notebook: only names of its parameters cell, only JSON values of the right type.

papermill writes names into code as they are, so a name that is not checked is code that runs.
"""

from __future__ import annotations

import ast
import json
import keyword
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xvlab.errors import InvalidInputError

PARAMETERS_TAG = "parameters"


@dataclass(frozen=True, slots=True)
class NotebookParameter:
    """One line of a parameters cell: its name and its default, whose type is the type of the parameter."""

    name: str
    default: Any


def read_parameters(notebook: Path) -> tuple[NotebookParameter, ...]:
    """Read the tagged parameters cell of a notebook without running it.

    Raises:
        InvalidInputError: There is not exactly one such cell, or it holds more than ``name = literal`` lines.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if PARAMETERS_TAG in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        message = f"Expected one cell tagged {PARAMETERS_TAG!r} in {notebook.name}, found {len(tagged)}. Tag one cell."
        raise InvalidInputError(message)
    source = "".join(tagged[0]["source"])
    return tuple(_parameter(statement, notebook.name) for statement in ast.parse(source).body)


def check_parameters(values: Mapping[str, Any], allowed: tuple[NotebookParameter, ...]) -> dict[str, Any]:
    """Return the values if every one may be injected.

    Raises:
        InvalidInputError: A name is not in the parameters cell, or a value is not a JSON value of the default's type.
    """
    known = {parameter.name: parameter for parameter in allowed}
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(name, str) or name not in known or not name.isidentifier() or keyword.iskeyword(name):
            names = ", ".join(sorted(known))
            raise InvalidInputError(
                f"{name!r} is not a parameter of this notebook. Use only: {names}.", field=str(name)
            )
        checked[name] = _check_value(name, value, known[name].default)
    return checked


def _parameter(statement: ast.stmt, notebook: str) -> NotebookParameter:
    try:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            return NotebookParameter(statement.target.id, ast.literal_eval(statement.value))
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            return NotebookParameter(statement.targets[0].id, ast.literal_eval(statement.value))
    except ValueError:
        pass
    message = (
        f"Line {statement.lineno} of the parameters cell of {notebook} is not 'name = literal'. Correct the notebook."
    )
    raise InvalidInputError(message)


def _check_value(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if default is not None and type(value) is not type(default):
        expected, got = type(default).__name__, type(value).__name__
        raise InvalidInputError(f"Parameter {name} expects {expected}, got {got}. Give a {expected}.", field=name)
    if not _is_json(value):
        raise InvalidInputError(f"Parameter {name} is not a finite JSON value. Give text, numbers, lists.", field=name)
    return value


def _is_json(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return value.isprintable() or all(char.isprintable() or char in "\n\t" for char in value)
    if isinstance(value, list):
        return all(_is_json(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(key) and _is_json(item) for key, item in value.items())
    return value is None or isinstance(value, bool | int)
