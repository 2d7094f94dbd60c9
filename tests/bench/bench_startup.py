"""Seconds of ``import xvlab`` in a fresh interpreter, and whether it loads torch; the peer is ``import numpy``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

TARGET_SECONDS = 1.0
ROUNDS = 7


def seconds_of(statement: str) -> float:
    """Return the median wall time of an interpreter that runs one statement, less that of an empty one."""
    return statistics.median(_timed(statement) for _ in range(ROUNDS)) - statistics.median(
        _timed("pass") for _ in range(ROUNDS)
    )


def _timed(statement: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print one JSON line."""
    asks = "import sys, xvlab; sys.exit('torch' in sys.modules)"
    seconds = seconds_of("import xvlab")
    line = {
        "figure": "import xvlab",
        "value": round(seconds, 3),
        "unit": "s",
        "target": TARGET_SECONDS,
        "ratio": round(seconds_of("import numpy") / max(seconds, 1e-6), 2),
        "peer": "import numpy",
        "loads_torch": bool(subprocess.run([sys.executable, "-c", asks], check=False).returncode),
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
