"""``xvlab import``: take a folder, CSV, zip or IDX folder in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import HomeOption, JsonOption, WorkspaceOption, opened_workspace
from .output import print_json, progress_bar

if TYPE_CHECKING:
    from xvlab.workspace import Workspace
    from xvlab.workspace.imports import ImportReport
    from xvlab.workspace.imports.reports import ImportProgress
    from xvlab.workspace.tasks import Task

SourceArgument = Annotated[Path, typer.Argument(metavar="SOURCE", help="A folder, a .csv or a .zip.")]
TaskOption = Annotated[
    str | None, typer.Option("--task", "-t", help="Put the labels into this task; made when missing.")
]
TestOption = Annotated[bool, typer.Option("--test", help="Mark every image as a test image.")]
_SHOWN_PROBLEMS = 20


def import_images(
    source: SourceArgument,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    task: TaskOption = None,
    test: TestOption = False,
    json: JsonOption = False,
) -> None:
    """Import images; a second import of the same source adds nothing."""
    with opened_workspace(home, workspace) as opened:
        found = opened.tasks.find(task) or opened.tasks.create(task) if task else None
        report = import_with_progress(opened, source, found, is_test=test)
    if json:
        print_json(report)
        return
    print(
        f"{report.added} added, {report.already_there} already there, {report.labelled} labelled, "
        f"{len(report.rejected)} rejected in {report.seconds:.1f} s"
    )
    for problem in report.rejected[:_SHOWN_PROBLEMS]:
        print(f"  {problem.path}: {problem.reason}: {problem.message}")
    if len(report.rejected) > _SHOWN_PROBLEMS:
        print(f"  … and {len(report.rejected) - _SHOWN_PROBLEMS} more; --json shows all")


def import_with_progress(
    workspace: Workspace, source: Path, task: Task | None, *, is_test: bool = False
) -> ImportReport:
    """Import with a progress bar on stderr."""
    with progress_bar(unit="images") as bar:
        row = bar.add_task("Importing", total=None)

        def show(progress: ImportProgress) -> None:
            bar.update(row, completed=progress.done, total=progress.total)

        return workspace.imports.path(source, task=task, is_test=is_test, on_progress=show)
