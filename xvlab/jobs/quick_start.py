"""Imports that a job need not wait for."""

from __future__ import annotations

import sys

# jsonschema tries these for addresses written in other scripts, and does without; the first alone compiles a grammar
# for 2.5 seconds whenever nbformat is imported. No notebook holds such an address.
_NOT_NEEDED = ("rfc3987_syntax", "rfc3987")


def skip_slow_imports() -> None:
    """Let optional parts of nbformat's dependencies count as not installed in this process."""
    for name in _NOT_NEEDED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
