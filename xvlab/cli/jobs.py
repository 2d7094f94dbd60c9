"""``xvlab jobs``: list, follow, cancel, retry."""

from __future__ import annotations

from typing import Annotated

import typer

from .errors import OneLineErrors
from .options import HomeOption, JsonOption, WorkspaceOption, opened_workspace
from .output import print_json, print_rows

app = typer.Typer(cls=OneLineErrors, help="Jobs; alone it lists the newest.", rich_markup_mode=None)
JobArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the job.")]
LimitOption = Annotated[int, typer.Option("--limit", help="How many, newest first.", min=1, max=1000)]
TaskOption = Annotated[str | None, typer.Option("--task", help="Only the jobs of this task.")]


@app.callback(invoke_without_command=True)
def list_jobs(
    ctx: typer.Context,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    task: TaskOption = None,
    limit: LimitOption = 20,
    json: JsonOption = False,
) -> None:
    """List the newest jobs."""
    if ctx.invoked_subcommand is not None:
        return
    with opened_workspace(home, workspace) as opened:
        task_id = opened.tasks.resolve(task).id if task else None
        rows = [
            {
                "id": job.id,
                "notebook": job.notebook,
                "state": job.state,
                "stage": job.progress.get("stage", ""),
                "created_at": job.created_at,
                "finished_at": job.finished_at,
                "error": job.error,
            }
            for job in opened.jobs.list(task_id=task_id, limit=limit).items
        ]
    print_rows(rows, as_json=json, empty="No jobs yet. Start one with: xvlab train TASK")


@app.command("show")
def show(
    job: JobArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default", json: JsonOption = False
) -> None:
    """Show a job with its progress, result and error."""
    with opened_workspace(home, workspace) as opened:
        found = opened.jobs.get(job)
    if json:
        print_json(found)
        return
    print(f"{found.notebook} {found.id}: {found.state}")
    shown = {"progress": {k: v for k, v in found.progress.items() if k != "history"}, "result": found.result}
    for title, values in shown.items():
        for name, value in values.items():
            print(f"{title} {name}: {value}")
    if found.error:
        print(f"error: {found.error}")


@app.command("cancel")
def cancel(job: JobArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default") -> None:
    """Cancel a job; what its notebook has done until then is kept."""
    with opened_workspace(home, workspace) as opened:
        opened.jobs.cancel(job)


@app.command("retry")
def retry(job: JobArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default") -> None:
    """Queue a failed or cancelled job again; it goes on from its last checkpoint."""
    with opened_workspace(home, workspace) as opened:
        print(opened.jobs.retry(job).id)


@app.command("log")
def log(job: JobArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default") -> None:
    """Print what a job wrote."""
    with opened_workspace(home, workspace) as opened:
        print(opened.jobs.log(job), end="")
