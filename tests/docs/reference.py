"""The generated parts of the docs: tables that are read from the code. ``make docs`` writes them, a test compares them.

A generated part stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table; bars inside a cell are escaped."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings_table() -> str:
    from xvlab._settings import Settings

    rows = [
        (
            f"`XVLAB_{name.upper()}`",
            f"`{name}`",
            "" if field.is_required() else f"`{field.default!r}`",
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    return table(("variable", "in `xvlab.toml`", "default", "meaning"), rows)


def options_table() -> str:
    from xvlab.tasks import TrainConfig

    rows = [
        (f"`{name}`", f"`{field.default!r}`", _choices(field.annotation), field.description)
        for name, field in TrainConfig.model_fields.items()
    ]
    return table(("option", "default", "values", "meaning"), rows)


def _choices(annotation: object) -> str:
    values = getattr(annotation, "__args__", ())
    return ", ".join(f"`{value}`" for value in values) if values else getattr(annotation, "__name__", "")


def rejections_table() -> str:
    from xvlab.data.images import REJECTION_REASONS

    return table(("reason", "meaning"), [(f"`{name}`", meaning) for name, meaning in REJECTION_REASONS.items()])


def presets_table() -> str:
    from xvlab.tasks import preset_names

    return table(("preset", "what it is"), [(f"`{name}`", text) for name, text in preset_names().items()])


def routes_table() -> str:
    import tempfile

    from xvlab.api import create_app
    from xvlab.workspace import open_home

    with tempfile.TemporaryDirectory() as folder, open_home(folder) as home:
        paths = create_app(home).openapi()["paths"]
    rows = [
        (verb.upper(), f"`{path}`", operation.get("summary", ""))
        for path, operations in paths.items()
        for verb, operation in operations.items()
    ]
    return table(("verb", "path", "what it does"), rows)


def commands_text() -> str:
    from typer.main import get_command

    from xvlab.cli import app

    command = get_command(app)
    return "\n\n".join(_help_of(command, name) for name in sorted(command.commands))  # type: ignore[attr-defined]


def _help_of(group: object, name: str) -> str:
    del group
    from typer.testing import CliRunner

    from xvlab.cli import app

    env = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    text = CliRunner().invoke(app, [name, "--help"], env=env, prog_name="xvlab").output
    return f"### xvlab {name}\n\n```text\n{text.strip()}\n```"


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("settings.md", settings_table),
    "options": ("train.md", options_table),
    "presets": ("train.md", presets_table),
    "rejections": ("images.md", rejections_table),
    "routes": ("api.md", routes_table),
    "commands": ("cli.md", commands_text),
}


def replaced(text: str, name: str, body: str) -> str:
    """Put a generated part into a page."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{body}\n{end}", text)


def write_all() -> None:
    """Write every generated part into its page."""
    for name, (page, build) in PARTS.items():
        path = DOCS / page
        path.write_text(replaced(path.read_text(), name, build()))


if __name__ == "__main__":
    write_all()
