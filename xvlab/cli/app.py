"""All commands in one place."""

from __future__ import annotations

import typer

from . import demo, doctor, images, init, jobs, lab, models, processes, tasks, train, up, users
from .errors import OneLineErrors

app = typer.Typer(
    cls=OneLineErrors,
    name="xvlab",
    help="Collect and label images, train, evaluate and serve vision models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Collect and label images, train, evaluate and serve vision models."""


app.command("init")(init.init)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("serve")(processes.serve)
app.command("worker")(processes.worker)
app.command("lab")(lab.lab)
app.command("import")(images.import_images)
app.command("train")(train.train)
app.command("evaluate")(train.evaluate)
app.command("models")(models.list_models)
app.command("promote")(models.promote)
app.command("predict")(models.predict)
app.command("export-model")(models.export_model)
app.command("reproduce")(models.reproduce)
app.command("doctor")(doctor.doctor)
app.add_typer(tasks.app, name="task")
app.add_typer(jobs.app, name="jobs")
app.add_typer(users.app, name="users")


def main() -> None:
    """Run the command line."""
    app(prog_name="xvlab")
