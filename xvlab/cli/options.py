"""Options that many commands share, and opening what they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from xvlab.workspace import Home, Workspace

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", "-H", envvar="XVLAB_HOME", help="The home folder; ~/.xvlab when not given.", show_default=False
    ),
]
WorkspaceOption = Annotated[str, typer.Option("--workspace", "-w", help="Name or id of the workspace.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="Name or id of the task.")]


@contextmanager
def opened_home(home: Path | None) -> Iterator[Home]:
    """Open a home and close it at the end of the block."""
    from xvlab.workspace import open_home

    with open_home(home) as opened:
        yield opened


@contextmanager
def opened_workspace(home: Path | None, name: str) -> Iterator[Workspace]:
    """Open a workspace of a home and close the home at the end of the block."""
    with opened_home(home) as opened:
        yield opened.workspace(name)
