"""A home with a trained task, made once for all tests that need a model that answers."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from xvlab.tasks import TrainConfig
from xvlab.workspace import open_home

TASK = "Digits"


@cache
def trained_home(folder: Path, digits: Path) -> Path:
    """Train two small versions of a task on a few hundred digits; version 1 is in production.

    Args:
        folder: Where the home is made.
        digits: Class folders of digits.

    Returns:
        The home; copy it before changing it.
    """
    few = folder / "few"
    for label in sorted(digits.iterdir())[:3]:
        for path in sorted(label.iterdir())[:40]:
            (few / label.name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, few / label.name / path.name)
    with open_home(folder / "home") as home:
        workspace = home.workspace()
        task = workspace.tasks.create(TASK)
        workspace.imports.folder(few, task=task)
        jobs = [
            workspace.jobs.submit_training(task.id, TrainConfig(epochs=epochs, seed=epochs, batch_size=16))
            for epochs in (2, 1)
        ]
        done = [workspace.jobs.wait(job.id, 240, work=True) for job in jobs]
        assert [job.state for job in done] == ["succeeded"] * 2, [job.error for job in done]
        workspace.models.promote(task.id, 1)
    return folder / "home"
