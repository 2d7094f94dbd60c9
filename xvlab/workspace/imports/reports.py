"""What an import tells while it runs and at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xvlab.data.formats import ImportProblem

__all__ = ["ImportListener", "ImportProblem", "ImportProgress", "ImportReport"]


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is; ``done`` of ``total`` entries are durable or rejected."""

    done: int
    total: int
    added: int
    already_there: int
    rejected: int


ImportListener = Callable[[ImportProgress], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        id: Id of the import.
        source: What was imported.
        added: New images.
        already_there: Pictures whose bytes the workspace had, from before or from this source.
        labelled: Images that got a label.
        rejected: Everything that was not taken in, or not wholly, with its reason.
        seconds: Wall time.
    """

    id: str
    source: str
    added: int
    already_there: int
    labelled: int
    rejected: tuple[ImportProblem, ...]
    seconds: float
