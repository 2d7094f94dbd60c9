"""``xvlab task``: make, list, show and delete tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from .errors import OneLineErrors
from .options import HomeOption, JsonOption, TaskArgument, WorkspaceOption, opened_workspace
from .output import all_items, print_json, print_rows

app = typer.Typer(cls=OneLineErrors, help="Tasks; alone it lists them.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def list_tasks(
    ctx: typer.Context, home: HomeOption = None, workspace: WorkspaceOption = "Default", json: JsonOption = False
) -> None:
    """List the tasks of a workspace."""
    if ctx.invoked_subcommand is None:
        _print_tasks(home, workspace, json)


@app.command("list")
def list_tasks_too(home: HomeOption = None, workspace: WorkspaceOption = "Default", json: JsonOption = False) -> None:
    """List the tasks of a workspace."""
    _print_tasks(home, workspace, json)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    kind: Annotated[str, typer.Option("--kind", help="Kind of the task.")] = "multi_class",
    label: Annotated[
        list[str] | None, typer.Option("--label", "-l", help="A label of the task; may be repeated.")
    ] = None,
) -> None:
    """Make a task and print its id."""
    with opened_workspace(home, workspace) as opened:
        print(opened.tasks.create(name, kind=kind, label_names=tuple(label or ())).id)


@app.command("show")
def show(
    task: TaskArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default", json: JsonOption = False
) -> None:
    """Show a task: its labels, how many images have each, what is left to label."""
    with opened_workspace(home, workspace) as opened:
        found = opened.tasks.resolve(task)
        progress = opened.annotations.progress(found.id)
    if json:
        print_json({"task": found, "progress": progress})
        return
    print(f"{found.name} ({found.kind}), id {found.id}")
    print(f"production version: {found.production_version or 'none'}, last version: {found.last_version}")
    print(f"labelled: {progress.labelled} of {progress.total} images")
    rows = [{"label": label.name, "images": progress.per_label.get(label.id, 0)} for label in found.labels]
    print_rows(rows, as_json=False, empty="No labels yet.")


@app.command("delete")
def delete(
    task: TaskArgument,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a task with its models; labels and images stay."""
    with opened_workspace(home, workspace) as opened:
        found = opened.tasks.resolve(task)
        if not yes:
            typer.confirm(f"Delete the task {found.name!r} with {found.last_version} model versions?", abort=True)
        opened.tasks.delete(found.id)


def _print_tasks(home: HomeOption, workspace: str, as_json: bool) -> None:
    with opened_workspace(home, workspace) as opened:
        rows = [
            {
                "name": task.name,
                "kind": task.kind,
                "labels": len(task.labels),
                "production_version": task.production_version,
                "last_version": task.last_version,
                "id": task.id,
            }
            for task in all_items(lambda after: opened.tasks.list(after=after))
        ]
    print_rows(rows, as_json=as_json, empty="No tasks. Make one with: xvlab task create NAME")
