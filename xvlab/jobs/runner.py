"""One attempt of one job: ``python -m xvlab.jobs.runner JOB TOKEN``. papermill runs here, the kernel is its child.

The final state is written by this process, only with the attempt's token, and never taken from papermill's metadata,
which is wrong after a kill or an interrupt.
"""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from xvlab._blobs import open_blobs
from xvlab._database import open_database
from xvlab._resources import job_notebook
from xvlab._settings import Settings, load_settings
from xvlab.errors import AttemptLostError, JobCancelledError, JobError, JobTimeoutError, XvlabError
from xvlab.jobs.folder import JobFolder, job_folder
from xvlab.jobs.notebook_files import WholeFiles, write_whole
from xvlab.jobs.parameters import check_parameters, read_parameters
from xvlab.jobs.progress import ProgressBook
from xvlab.jobs.pulse import EXIT_LOST, Pulse, PulseLimits
from xvlab.jobs.queue import JobQueue
from xvlab.jobs.quick_start import skip_slow_imports
from xvlab.jobs.record import JobRecord

_LONGEST_ERROR = 4000
_logger = logging.getLogger(__name__)


class _KernelDiedError(JobError):
    """The kernel is gone without an answer; the job is worth another attempt."""


class _ReleasedError(JobError):
    """The worker stops; the job goes back into the queue."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one attempt works with."""

    settings: Settings
    queue: JobQueue
    job: JobRecord
    token: str
    folder: JobFolder


def main(arguments: list[str]) -> int:
    """Run the attempt; return 0 when its outcome was written, 3 when another attempt owns the job."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    job_id, token = arguments
    settings = load_settings()
    database = open_database(settings.effective_database_url)
    try:
        queue = JobQueue(database)
        attempt = _Attempt(settings, queue, queue.get(job_id), token, job_folder(settings.home, job_id))
        _run(attempt)
        return 0
    except AttemptLostError as error:
        _logger.warning("%s", error)
        return EXIT_LOST
    finally:
        database.close()


def _run(attempt: _Attempt) -> None:
    """Execute, and write the one outcome."""
    job, queue, token = attempt.job, attempt.queue, attempt.token
    _logger.info("Attempt %s of job %s (%s) begins.", job.attempts, job.id, job.notebook)
    try:
        _execute(attempt)
    except AttemptLostError:
        raise
    except _ReleasedError:
        queue.release(job.id, token)
    except JobCancelledError:
        queue.finish(job.id, token, "cancelled")
    except (_KernelDiedError, OSError, RuntimeError) as error:
        traceback.print_exc()
        queue.give_up(queue.attempt(job.id, token), str(error)[:_LONGEST_ERROR])
    except XvlabError as error:
        queue.finish(job.id, token, "failed", error=error.message[:_LONGEST_ERROR])
    else:
        queue.finish(job.id, token, "succeeded")
    _logger.info("Attempt %s of job %s is over: %s.", job.attempts, job.id, queue.get(job.id).state)


def _execute(attempt: _Attempt) -> None:
    """Run the notebook with a pulse beside it.

    Raises:
        JobError: It failed, was cancelled, timed out, was released, or its kernel died.
        InvalidInputError: A parameter is not allowed.
    """
    job = attempt.job
    limits = PulseLimits(attempt.settings.lease_seconds, attempt.queue.timeout_seconds(job.id))
    book = ProgressBook(job.progress)
    pulse = Pulse(attempt.queue, job.id, attempt.token, limits=limits, book=book)
    signal.signal(signal.SIGTERM, lambda *_: pulse.stop("released"))
    pulse.start()
    try:
        attempt.folder.make()
        source = _source(attempt)
        parameters = check_parameters(job.parameters, read_parameters(source))
        _papermill(source, attempt.folder, parameters, pulse=pulse, book=book)
    except (JobError, OSError, RuntimeError) as error:
        _raise_stopped(pulse, limits, error)
    finally:
        pulse.close()


def _raise_stopped(pulse: Pulse, limits: PulseLimits, error: Exception) -> NoReturn:
    """Raise what was asked for, when the notebook ended because somebody or the clock ended it."""
    if pulse.stop_reason == "cancelled":
        raise JobCancelledError("The job was cancelled.") from error
    if pulse.stop_reason == "released":
        raise _ReleasedError("The worker stops.") from error
    if pulse.stop_reason == "timeout":
        message = (
            f"The job ran longer than its limit of {limits.timeout_seconds:g} seconds and was stopped. "
            "Retry it to go on from its last checkpoint, or submit it with a longer timeout."
        )
        raise JobTimeoutError(message) from error
    raise error


def _source(attempt: _Attempt) -> Path:
    """Return the notebook to run: the recorded one when a model is reproduced, else the shipped one."""
    recorded = attempt.job.inputs.get("notebook_sha256")
    if recorded is None:
        return job_notebook(attempt.job.notebook)
    blobs = open_blobs(attempt.settings.effective_blob_url)
    write_whole(attempt.folder.source, blobs.get(recorded))
    return attempt.folder.source


def _papermill(
    source: Path, folder: JobFolder, parameters: dict[str, Any], *, pulse: Pulse, book: ProgressBook
) -> None:
    """Execute a notebook with our engine; foreign errors become ours."""
    skip_slow_imports()
    import papermill  # after the first heartbeat: it takes a second
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.iorw import papermill_io

    papermill_io.register("/", WholeFiles())

    def on_progress(message: dict[str, Any]) -> None:
        line = book.add(message)
        if line is not None:
            _logger.info("%s", line)

    try:
        papermill.execute_notebook(
            _literal(source),
            _literal(folder.notebook),
            parameters=parameters,
            engine_name="xvlab",
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=folder.path,
            stdout_file=sys.stdout,
            stderr_file=sys.stderr,
            on_progress=on_progress,
            on_kernel=pulse.kernel_started,
            socket_folder=folder.fresh_socket_folder(),
        )
    except PapermillExecutionError as error:
        raise JobError(_failure(error)) from error
    except DeadKernelError as error:
        raise _KernelDiedError("its kernel died, perhaps because memory ran out") from error


def _literal(path: Path) -> str:
    """Write a path so that papermill's ``str.format`` gives it back unchanged."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _failure(error: Any) -> str:
    """Say what failed in which cell, and what to do."""
    reason = f"{error.ename}: {error.evalue}".strip()[: _LONGEST_ERROR // 2]
    where = f"cell [{error.exec_count}] of the executed notebook"
    return f"{reason} ({where}). Open the job's report to see the cell, correct the cause, then retry the job."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
