"""Is a repeated run equal to the original? Metrics number by number, files by their hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WEIGHTS_FILE = "model.safetensors"
_COMPARED_FILES = (WEIGHTS_FILE, "predictions.npz", "notebook.ipynb")
_MOST_DIFFERENCES = 50


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is compared of a run: its measured metrics, the hashes of its files, and what it depended on."""

    metrics: dict[str, Any]
    artifacts: dict[str, str]
    environment: dict[str, Any]


def compare_runs(original: RunFacts, repeated: RunFacts) -> dict[str, Any]:
    """Return ``equal_metrics``, ``equal_weights`` and ``differences`` (sentences, at most 50)."""
    as_stored = json.loads(json.dumps(repeated.metrics))
    metric_differences = list(_differences("metrics", original.metrics, as_stored))
    before, now = original.artifacts, repeated.artifacts
    file_differences = [
        f"{name}: sha256 {before.get(name, 'missing')[:12]} became {now.get(name, 'missing')[:12]}"
        for name in _COMPARED_FILES
        if before.get(name) != now.get(name)
    ]
    environment_differences = _differences("environment", original.environment, repeated.environment)
    return {
        "equal_metrics": not metric_differences,
        "equal_weights": before.get(WEIGHTS_FILE) == now.get(WEIGHTS_FILE),
        "differences": [*file_differences, *environment_differences, *metric_differences][:_MOST_DIFFERENCES],
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
