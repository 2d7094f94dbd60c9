"""Python's half of the tables that ``node --test`` reads too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xvlab_widgets._geometry import part_bounds, shrink_to_fit
from xvlab_widgets._words import duration, percent

CASES = Path(__file__).parents[1] / "cases"
GEOMETRY = json.loads((CASES / "geometry.json").read_text(encoding="utf-8"))
WORDS = json.loads((CASES / "words.json").read_text(encoding="utf-8"))


def rows(table: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(row, id=row["id"]) for row in table]


@pytest.mark.parametrize("row", rows(GEOMETRY["shrink_to_fit"]))
def test_shrink_to_fit(row: dict[str, Any]) -> None:
    assert list(shrink_to_fit(tuple(row["size_wh"]), tuple(row["box_wh"]))) == row["expected"]


@pytest.mark.parametrize("row", rows(GEOMETRY["part_bounds"]))
def test_part_bounds(row: dict[str, Any]) -> None:
    assert [list(part) for part in part_bounds(row["sizes"])] == row["expected"]


@pytest.mark.parametrize("row", rows(WORDS["duration"]))
def test_duration(row: dict[str, Any]) -> None:
    assert duration(row["seconds"]) == row["expected"]


@pytest.mark.parametrize("row", rows(WORDS["percent"]))
def test_percent(row: dict[str, Any]) -> None:
    assert percent(row["share"]) == row["expected"]


sides = st.integers(1, 20_000)


@given(st.tuples(sides, sides), st.tuples(sides, sides))
def test_shrunk_images_lie_inside_and_keep_their_proportions(size_wh: tuple[int, int], box_wh: tuple[int, int]) -> None:
    width, height = shrink_to_fit(size_wh, box_wh)
    assert 1 <= width <= min(box_wh[0], size_wh[0])
    assert 1 <= height <= min(box_wh[1], size_wh[1])
    scale = min(1.0, box_wh[0] / size_wh[0], box_wh[1] / size_wh[1])
    assert abs(width - size_wh[0] * scale) <= 1
    assert abs(height - size_wh[1] * scale) <= 1
