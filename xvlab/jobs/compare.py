"""Is a repeated run equal to the original? Metrics number by number, files by their hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from xvlab.registry import ModelRecord

WEIGHTS_FILE = "model.safetensors"
_COMPARED_FILES = (WEIGHTS_FILE, "predictions.npz", "notebook.ipynb", "environment.json")
_MOST_DIFFERENCES = 50


def compare_runs(original: ModelRecord, *, metrics: dict[str, Any], artifacts: dict[str, str]) -> dict[str, Any]:
    """Return ``equal_metrics``, ``equal_weights`` and ``differences`` (sentences, at most 50)."""
    as_stored = json.loads(json.dumps(metrics))
    metric_differences = list(_differences("metrics", original.metrics, as_stored))
    file_differences = [
        f"{name}: sha256 {original.artifacts.get(name, 'missing')[:12]} became {artifacts.get(name, 'missing')[:12]}"
        for name in _COMPARED_FILES
        if original.artifacts.get(name) != artifacts.get(name)
    ]
    return {
        "equal_metrics": not metric_differences,
        "equal_weights": original.artifacts.get(WEIGHTS_FILE) == artifacts.get(WEIGHTS_FILE),
        "differences": [*file_differences, *metric_differences][:_MOST_DIFFERENCES],
    }


def _differences(where: str, before: Any, now: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            yield from _differences(f"{where}.{key}", before.get(key), now.get(key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from _differences(f"{where}[{index}]", one, other)
    elif before != now:
        yield f"{where}: {before!r} became {now!r}"
