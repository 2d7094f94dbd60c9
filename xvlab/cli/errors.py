"""Errors as one line on stderr: exit code 2 for what a person can correct, 1 for a job that failed."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from xvlab.errors import JobError, XvlabError

USER_ERROR = 2


class OneLineErrors(TyperGroup):
    """A command group that shows xvlab's errors without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command and turn what xvlab refused into one line."""
        try:
            return super().invoke(ctx)
        except XvlabError as error:
            print(f"error: {' '.join(error.message.split())}", file=sys.stderr)
            raise typer.Exit(1 if isinstance(error, JobError) else USER_ERROR) from error
