"""The command line: every command talks to the workspace layer, and imports it only when it runs."""

from .app import app, main

__all__ = ["app", "main"]
