"""What a run depended on besides its data and parameters: interpreter, machine, packages, code."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from xvlab._version import __version__

_GIT_SECONDS = 5.0
_CPU_INFO = Path("/proc/cpuinfo")


def environment_facts(notebook: Path) -> dict[str, Any]:
    """Return the facts as JSON: xvlab, commit of the checkout, Python, platform, CPU, packages, notebook hash."""
    model, flags = _cpu()
    return {
        "xvlab": __version__,
        "git_commit": _git_commit(Path(__file__).resolve().parents[2]),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "cpu": model,
        "cpu_flags": flags,
        "cores": len(os.sched_getaffinity(0)),
        "threads": os.environ.get("OMP_NUM_THREADS", ""),
        "notebook_sha256": hashlib.sha256(notebook.read_bytes()).hexdigest(),
        "packages": _packages(),
    }


def _packages() -> dict[str, str]:
    found = {distribution.metadata["Name"]: distribution.version for distribution in metadata.distributions()}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _cpu() -> tuple[str, str]:
    """Return the first CPU's name and its flags as the kernel lists them; empty where it does not."""
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor(), ""
    pairs = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return pairs.get("model name", platform.processor()), pairs.get("flags", "")


def _git_commit(checkout: Path) -> str:
    """Return the commit of an editable install, with ``+changes`` when files differ from it; empty elsewhere."""
    if not (checkout / ".git").exists():
        return ""
    try:
        commit = _git(checkout, "rev-parse", "HEAD")
        changed = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}+changes" if changed else commit


def _git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, timeout=_GIT_SECONDS, check=True
    )
    return done.stdout.strip()
