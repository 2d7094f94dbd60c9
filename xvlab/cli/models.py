"""Model versions: list, promote, predict, export, reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import HomeOption, JsonOption, TaskArgument, WorkspaceOption, opened_workspace
from .output import print_json, print_rows

if TYPE_CHECKING:
    from xvlab.registry import ModelRecord
    from xvlab.workspace import Workspace

ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="TASK (its production version), TASK@VERSION, or the id of a model.")
]
VersionOption = Annotated[
    int | None, typer.Option("--version", help="A version; the one in production when not given.")
]


def resolve_model(workspace: Workspace, text: str) -> ModelRecord:
    """Return the model that a text names.

    Raises:
        NotFoundError: There is no such task, version or model.
        InvalidInputError: The version is not a number.
    """
    from xvlab.errors import InvalidInputError, NotFoundError

    name, at, version = text.rpartition("@")
    if at and not version.isdigit():
        raise InvalidInputError(f"Expected TASK@VERSION with a number, got {text!r}. Try {name}@1.", field="model")
    try:
        task = workspace.tasks.resolve(name if at else text)
    except NotFoundError:
        return workspace.models.get(text)
    return workspace.models.version(task.id, int(version) if at else None)


def list_models(
    task: TaskArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default", json: JsonOption = False
) -> None:
    """List the versions of a task, newest first."""
    with opened_workspace(home, workspace) as opened:
        rows = [
            {
                "version": model.version,
                "production": model.is_production,
                "evaluation_accuracy": (model.metrics.get("evaluation") or {}).get("accuracy"),
                "test_accuracy": (model.metrics.get("test") or {}).get("accuracy"),
                "preset": model.parameters.get("preset"),
                "created_at": model.created_at,
                "id": model.id,
            }
            for model in opened.models.list(opened.tasks.resolve(task).id)
        ]
    print_rows(rows, as_json=json, empty=f"No versions yet. Train one with: xvlab train {task}")


def promote(
    task: TaskArgument,
    version: Annotated[int | None, typer.Argument(metavar="VERSION", help="The version that shall answer.")] = None,
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    rollback: Annotated[bool, typer.Option("--rollback", help="Undo the last change instead.")] = False,
) -> None:
    """Put a version into production, or undo the last change."""
    if (version is None) != rollback:
        raise typer.BadParameter("give either a VERSION or --rollback", param_hint="VERSION")
    with opened_workspace(home, workspace) as opened:
        found = opened.tasks.resolve(task)
        model = opened.models.promote(found.id, version) if version is not None else opened.models.rollback(found.id)
        print(f"{found.name}: version {model.version} in production" if model else f"{found.name}: none in production")


def predict(
    task: TaskArgument,
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files.")],
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
    version: VersionOption = None,
    json: JsonOption = False,
) -> None:
    """Classify image files."""
    from xvlab.errors import InvalidInputError, XvlabError

    missing = [str(path) for path in images if not path.is_file()]
    if missing:
        raise InvalidInputError(f"Expected image files, found none at {', '.join(missing)}. Check the paths.")
    with opened_workspace(home, workspace) as opened:
        found = opened.tasks.resolve(task)
        files = [path.read_bytes() for path in images]
        _, results = opened.live.classify_each(found.id, files, version=version)
    named = list(zip(images, results, strict=True))
    if json:
        print_json(
            [
                {"image": str(path), "error": result.message}
                if isinstance(result, XvlabError)
                else {"image": str(path), "label": result.label_name, "score": result.score, "all": result.all}
                for path, result in named
            ]
        )
    else:
        for path, result in named:
            told = result.message if isinstance(result, XvlabError) else f"{result.label_name} ({result.score:.1%})"
            print(f"{path}: {told}")
    if any(isinstance(result, XvlabError) for result in results):
        raise typer.Exit(2)


def export_model(
    model: ModelArgument,
    out: Annotated[Path, typer.Option("--out", "-O", help="A new folder, or a .zip file.")],
    home: HomeOption = None,
    workspace: WorkspaceOption = "Default",
) -> None:
    """Write a model's weights, configuration, predictions and card into a folder or a zip."""
    with opened_workspace(home, workspace) as opened:
        print(opened.models.export(resolve_model(opened, model).id, out))


def reproduce(
    model: ModelArgument, home: HomeOption = None, workspace: WorkspaceOption = "Default", json: JsonOption = False
) -> None:
    """Train a model again from its snapshot and options, and tell whether the result is equal."""
    with opened_workspace(home, workspace) as opened:
        result = opened.models.reproduce(resolve_model(opened, model).id)
    if json:
        print_json(result)
    else:
        print(f"metrics: {'equal' if result.equal_metrics else 'different'}")
        print(f"weights: {'equal' if result.equal_weights else 'different'}")
        for difference in result.differences:
            print(f"  {difference}")
    if not (result.equal_metrics and result.equal_weights):
        raise typer.Exit(1)
