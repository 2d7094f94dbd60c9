"""A notebook run as a job: the queue in the database, the worker, the runner of one attempt, the notebook's own side.

Names load when they are first used: papermill imports this package to find its engine, and must not be imported by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xvlab.jobs.queue import JobQueue
    from xvlab.jobs.record import JobRecord
    from xvlab.jobs.run import JobRun, open_run
    from xvlab.jobs.worker import Worker

__all__ = ["JobQueue", "JobRecord", "JobRun", "Worker", "open_run"]

_WHERE = {
    "JobQueue": "xvlab.jobs.queue",
    "JobRecord": "xvlab.jobs.record",
    "JobRun": "xvlab.jobs.run",
    "Worker": "xvlab.jobs.worker",
    "open_run": "xvlab.jobs.run",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'xvlab.jobs' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
