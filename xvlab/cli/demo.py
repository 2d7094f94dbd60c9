"""``xvlab demo``: real handwritten digits from a folder of images to a served model, in one command."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .images import import_with_progress
from .init import OWNER, ensure_owner
from .options import HomeOption, opened_home
from .train import see_through
from .up import (
    ApiPortOption,
    BrowserOption,
    PortOption,
    announce,
    announce_sign_in,
    keep_alive,
    running,
    stop_on_signals,
)

if TYPE_CHECKING:
    from xvlab.registry import ModelRecord
    from xvlab.workspace import Home, Workspace
    from xvlab.workspace.tasks import Task

TASK = "digits"
NEEDED_ACCURACY = 0.97
_TEST_SHARE = 0.2
_EPOCHS = 20
_BATCH = 10
CheckOption = Annotated[bool, typer.Option("--check", help="Ask the served model, print one JSON line, and end.")]


def demo(
    home: HomeOption = None,
    port: PortOption = None,
    api_port: ApiPortOption = None,
    browser: BrowserOption = False,
    check: CheckOption = False,
) -> None:
    """Import handwritten digits, train, evaluate, promote, and serve it all; a second run takes up what is there."""
    started = time.monotonic()
    stop = stop_on_signals()
    with opened_home(home) as opened:
        password = ensure_owner(opened)
        workspace = opened.workspace()
        model = _model_in_production(workspace)
        token = opened.accounts.create_token(OWNER, name="demo")
        folder = _digits_folder(opened)
        with running(opened.settings, port, api_port, stop) as (supervisor, addresses):
            if check:
                summary = check_served(addresses.api, token, model, folder / "test")
                summary |= _measured(workspace, model)
                summary["seconds"] = round(time.monotonic() - started, 1)
                print(json.dumps(summary), flush=True)
            else:
                announce(addresses)
                print(f"Password of {OWNER!r}: {password or 'as it was'}\nToken:      {token}", flush=True)
                page = announce_sign_in(opened, addresses)
                if browser and page:
                    typer.launch(page)
                keep_alive(supervisor, stop)
    if check and not summary["ok"]:
        raise typer.Exit(1)


def write_digits(folder: Path) -> Path:
    """Write scikit-learn's digits as PNG files: a fifth of each class in ``test/<digit>/``, the rest in ``train/``."""
    from xvlab._optional import require
    from xvlab.data.images import encode_png

    digits = require("sklearn.datasets", extra="train").load_digits()
    seen: dict[int, int] = {}
    for number, (pixels, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        seen[digit] = seen.get(digit, 0) + 1
        part = "test" if seen[digit] % round(1 / _TEST_SHARE) == 0 else "train"
        target = folder / part / str(digit) / f"{number:04}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(encode_png((pixels * (255 / 16)).round().astype("uint8")))
    return folder


def check_served(api: str, token: str, model: ModelRecord, folder: Path) -> dict[str, Any]:
    """Classify every test image over HTTP and compare with the folder it lies in."""
    import httpx

    files = sorted(folder.glob("*/*.png"))
    right = 0
    client = httpx.Client(trust_env=False, base_url=api, headers={"Authorization": f"Token {token}"}, timeout=60)
    with client:
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            parts = [("file", (path.name, path.read_bytes(), "image/png")) for path in batch]
            answer = client.post("/recognition/v2/classify/", data={"task_id": model.task_id}, files=parts)
            answer.raise_for_status()
            named = [record["best_label"]["name"] for record in answer.json()["records"]]
            right += sum(name == path.parent.name for name, path in zip(named, batch, strict=True))
    accuracy = right / len(files)
    return {
        "ok": accuracy >= NEEDED_ACCURACY and answer.json()["version"] == model.version,
        "accuracy": round(accuracy, 4),
        "version": model.version,
        "images": len(files),
    }


def _measured(workspace: Workspace, model: ModelRecord) -> dict[str, Any]:
    """Return what the training took, from the job that made the model."""
    result = workspace.jobs.get(model.job_id).result if model.job_id else {}
    named = {"seconds_per_step": "seconds_per_step", "seconds": "training_seconds"}
    return {title: round(result[name], 4) for name, title in named.items() if name in result}


def _model_in_production(workspace: Workspace) -> ModelRecord:
    """Return the model that answers; import, train, evaluate and promote where that was not done."""
    task = workspace.tasks.find(TASK) or workspace.tasks.create(TASK)
    report = import_with_progress(workspace, _digits_folder(workspace.home), task)
    _say(f"{report.added} images imported, {report.already_there} already there")
    if task.production_version is None:
        _train(workspace, task)
    model = workspace.models.version(task.id)
    accuracy = (model.metrics.get("test") or {}).get("accuracy")
    _say(f"version {model.version} in production, accuracy on the test images {accuracy:.4f}")
    return model


def _train(workspace: Workspace, task: Task) -> None:
    from xvlab.tasks import TrainConfig

    config = TrainConfig(epochs=_EPOCHS)
    job = see_through(workspace, workspace.jobs.submit_training(task.id, config))
    workspace.models.promote(task.id, int(job.result["version"]))


def _digits_folder(home: Home) -> Path:
    folder = home.settings.home / "demo" / "digits"
    return folder if folder.is_dir() else write_digits(folder)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
