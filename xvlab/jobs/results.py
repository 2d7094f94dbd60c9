"""What a finished notebook leaves: a model version, a comparison with one, or an evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from xvlab._database.tables import JobRow
from xvlab.data.predictions import Predictions
from xvlab.jobs.compare import RunFacts, compare_runs
from xvlab.registry import CARD_FILE, CardFacts, Evaluations, NewEvaluation, NewModel, model_card

if TYPE_CHECKING:
    from xvlab.jobs.run import JobRun
    from xvlab.training.result import TrainResult

PREDICTIONS_FILE = "predictions.npz"
ENVIRONMENT_FILE = "environment.json"
NOTEBOOK_FILE = "notebook.ipynb"
METRICS_FILE = "metrics.json"


def finish_training(
    run: JobRun, result: TrainResult, predictions: Predictions, metrics: dict[str, Any]
) -> dict[str, Any]:
    """Store the artefacts and register the next version of the task."""
    parameters = result.config.model_dump(mode="json")
    card = model_card(
        CardFacts(
            task=run.task_name,
            snapshot=run.snapshot,
            parameters=parameters,
            metrics=metrics,
            environment=run.environment,
            job_id=run.job.id,
        )
    )
    artifacts = _store(run, result.model_folder, predictions, {CARD_FILE: card.encode(), METRICS_FILE: _json(metrics)})
    summary = result_summary(result, metrics)
    model = NewModel(
        task_id=run.snapshot.task_id,
        snapshot_id=run.job.inputs["snapshot_id"],
        parameters=parameters,
        metrics=metrics,
        artifacts=artifacts,
        result=summary,
        promote=bool(run.job.inputs.get("promote")),
        user_id=run.job.inputs.get("user_id"),
    )
    record = run.registry.register(model, fence=run.fence)
    return {**summary, "model_id": record.id, "version": record.version}


def finish_reproduction(
    run: JobRun, result: TrainResult, predictions: Predictions, metrics: dict[str, Any]
) -> dict[str, Any]:
    """Compare with the original and keep the comparison in the job's row; no version is made."""
    original = run.registry.get(run.job.inputs["reproduces"])
    artifacts = _store(run, result.model_folder, predictions, {})
    then = json.loads(run.blobs.get(original.artifacts[ENVIRONMENT_FILE]))
    comparison = compare_runs(
        RunFacts(original.metrics, original.artifacts, then), RunFacts(metrics, artifacts, run.environment)
    )
    kept = {**result_summary(result, metrics), **comparison, "reproduces": original.id}
    with run.database.write() as session:
        run.fence.owned_row(session)
        session.execute(update(JobRow).where(JobRow.id == run.job.id).values(result=kept))
    return kept


def finish_evaluation(run: JobRun, predictions: Predictions, metrics: dict[str, Any]) -> dict[str, Any]:
    """Keep metrics and predictions as an evaluation of the model."""
    summary = {"accuracy": best_accuracy(metrics), "version": run.model.version}
    evaluation = NewEvaluation(
        model_id=run.model.id,
        snapshot_id=run.job.inputs["snapshot_id"],
        metrics=metrics,
        predictions_sha256=run.blobs.put(predictions.to_bytes()),
        result=summary,
    )
    record = Evaluations(run.database, run.job.workspace_id).record(evaluation, fence=run.fence)
    return {**summary, "evaluation_id": record.id, "model_id": run.model.id}


def best_accuracy(metrics: dict[str, Any]) -> float | None:
    """Return the accuracy on the test images, or on the evaluation images where no test images were set apart."""
    measured = metrics.get("test") or metrics.get("evaluation")
    return None if measured is None else float(measured["accuracy"])


def result_summary(result: TrainResult, metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a run that lists show."""
    return {
        "accuracy": best_accuracy(metrics),
        "seconds": result.seconds,
        "seconds_per_step": result.seconds_per_step,
        "images_per_second": result.images_per_second,
        "best_epoch": result.best_epoch,
        "epochs": len(result.history),
    }


def _store(run: JobRun, model_folder: Path, predictions: Predictions, more: dict[str, bytes]) -> dict[str, str]:
    """Store all files of a model; return file name to sha256."""
    files = {path.name: run.blobs.put_file(path) for path in sorted(model_folder.iterdir()) if path.is_file()}
    texts = {
        PREDICTIONS_FILE: predictions.to_bytes(),
        ENVIRONMENT_FILE: _json(run.environment),
        NOTEBOOK_FILE: run.notebook_source.read_bytes(),
        **more,
    }
    return {**files, **{name: run.blobs.put(data) for name, data in texts.items()}}


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True).encode()
