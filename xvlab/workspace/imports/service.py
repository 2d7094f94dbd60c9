"""The imports of a workspace: durable in batches, resumable after a kill, and adding nothing when run again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import select, update

from xvlab._clock import utc_now
from xvlab._database.tables import ImageRow, ImportRow
from xvlab.data.formats import ImportProblem, Listing, open_zip, read_csv, read_folder, read_idx
from xvlab.data.formats.idx import is_idx_folder
from xvlab.errors import InvalidInputError, NotFoundError
from xvlab.tasks import task_kind
from xvlab.workspace.context import WorkspaceContext
from xvlab.workspace.pages import chunks
from xvlab.workspace.tasks import Task, Tasks

from .pipeline import arrivals
from .reports import ImportListener, ImportProgress, ImportReport
from .writer import BatchWriter, Counts

_PAUSE_SECONDS = 0.002
"""Between two batches other writers get SQLite's lock; measured: without it annotators wait for seconds."""


class Imports:
    """Takes pictures into one workspace.

    Every method returns a report and never stops at a bad file. Run it again after a kill: what was acknowledged is
    there, the rest follows, nothing comes twice. With a task, labels (made where missing) become classes of it.
    """

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def path(
        self,
        path: Path | str,
        *,
        task: Task | None = None,
        is_test: bool = False,
        on_progress: ImportListener | None = None,
    ) -> ImportReport:
        """Import a folder, CSV, zip or IDX folder, whatever it is.

        Raises:
            InvalidInputError: It is neither.
        """
        source = Path(path).expanduser()
        if source.is_dir():
            take = self.idx if is_idx_folder(source) else self.folder
        elif source.suffix.lower() in {".csv", ".tsv"}:
            take = self.csv
        elif source.suffix.lower() == ".zip":
            take = self.zip
        else:
            message = f"Expected a folder, a .csv or a .zip, got {source}. Give one that is there."
            raise InvalidInputError(message, field="path")
        return take(source, task=task, is_test=is_test, on_progress=on_progress)

    def folder(
        self,
        path: Path | str,
        *,
        task: Task | None = None,
        is_test: bool = False,
        on_progress: ImportListener | None = None,
    ) -> ImportReport:
        """Import class folders; ``train/<class>`` and ``test/<class>`` folders are understood as well.

        Raises:
            InvalidInputError: It is not a folder.
        """
        listing = read_folder(Path(path).expanduser(), is_test=is_test)
        return self._take(str(path), listing, task, on_progress)

    def csv(
        self,
        path: Path | str,
        *,
        image_column: str = "image",
        label_column: str = "label",
        test_column: str = "test",
        task: Task | None = None,
        is_test: bool = False,
        on_progress: ImportListener | None = None,
    ) -> ImportReport:
        """Import a CSV of paths (relative to it), labels and, if it has that column, test flags.

        Raises:
            InvalidInputError: It is not a file, or lacks a column.
            UnsupportedFormatError: It is not CSV in UTF-8.
        """
        listing = read_csv(
            Path(path).expanduser(),
            image_column=image_column,
            label_column=label_column,
            test_column=test_column,
            is_test=is_test,
        )
        return self._take(str(path), listing, task, on_progress)

    def zip(
        self,
        path: Path | str,
        *,
        task: Task | None = None,
        is_test: bool = False,
        on_progress: ImportListener | None = None,
    ) -> ImportReport:
        """Import class folders in a zip archive, without unpacking it to the disk.

        Raises:
            InvalidInputError: It is not a file.
            UnsupportedFormatError: It is not a zip archive.
        """
        limit = self._context.settings.max_image_bytes
        with open_zip(Path(path).expanduser(), max_bytes=limit, is_test=is_test) as listing:
            return self._take(str(path), listing, task, on_progress)

    def idx(
        self,
        path: Path | str,
        *,
        label_names: Sequence[str] = (),
        task: Task | None = None,
        is_test: bool = False,
        on_progress: ImportListener | None = None,
    ) -> ImportReport:
        """Import MNIST-like IDX files; ``t10k`` pictures become test images, numbers are named by ``label_names``.

        Raises:
            InvalidInputError: The folder has no such files.
            UnsupportedFormatError: A file is damaged.
        """
        listing = read_idx(Path(path).expanduser(), label_names=label_names, is_test=is_test)
        return self._take(str(path), listing, task, on_progress)

    def get(self, import_id: str) -> ImportReport:
        """Return the report of an earlier import; of one that was killed, what it had done.

        Raises:
            NotFoundError: This workspace has no such import.
        """
        with self._context.database.read() as session:
            row = session.get(ImportRow, import_id)
        if row is None or row.workspace_id != self._context.workspace_id:
            raise NotFoundError(f"This workspace has no import {import_id!r}. Import something first.")
        problems = tuple(ImportProblem(**found) for found in row.problems)
        seconds = (row.finished_at - row.created_at).total_seconds() if row.finished_at is not None else 0.0
        counts = {name: int(row.counts.get(name, 0)) for name in ("added", "already_there", "labelled")}
        return ImportReport(row.id, row.source, rejected=problems, seconds=seconds, **counts)

    def _take(
        self, source: str, listing: Listing, task: Task | None, on_progress: ImportListener | None
    ) -> ImportReport:
        started = time.monotonic()
        label_kind = "category"
        if task is not None:
            label_kind = task_kind(Tasks(self._context).get(task.id).kind).label_kind
        counts = Counts(done=len(listing.problems), problems=list(listing.problems))
        total = len(listing.entries) + len(listing.problems)
        row_id = self._begin(source, total)
        state = "interrupted"
        try:
            self._run(listing, BatchWriter(self._context, task, label_kind, counts), counts, total, on_progress)
            state = "finished"
        finally:
            self._end(row_id, state, counts)
        seconds = time.monotonic() - started
        return ImportReport(
            row_id, source, counts.added, counts.already_there, counts.labelled, tuple(counts.problems), seconds
        )

    def _run(
        self,
        listing: Listing,
        writer: BatchWriter,
        counts: Counts,
        total: int,
        on_progress: ImportListener | None,
    ) -> None:
        def tell() -> None:
            if on_progress is not None:
                rejected = len(counts.problems)
                on_progress(ImportProgress(counts.done, total, counts.added, counts.already_there, rejected))

        tell()
        for arrived in arrivals(listing.entries, self._context.settings, self._known):
            if writer.add(arrived):
                tell()
                time.sleep(_PAUSE_SECONDS)
        writer.flush()
        tell()

    def _known(self, addresses: list[str]) -> set[str]:
        """Return those sha256 that the workspace has."""
        found: set[str] = set()
        with self._context.database.read() as session:
            for chunk in chunks(addresses):
                query = select(ImageRow.sha256).where(
                    ImageRow.workspace_id == self._context.workspace_id, ImageRow.sha256.in_(chunk)
                )
                found.update(session.scalars(query))
        return found

    def _begin(self, source: str, total: int) -> str:
        row = ImportRow(
            workspace_id=self._context.workspace_id,
            source=source,
            state="running",
            counts={"total": total},
            problems=[],
        )
        with self._context.database.write() as session:
            session.add(row)
        return row.id

    def _end(self, row_id: str, state: str, counts: Counts) -> None:
        values = {
            "state": state,
            "counts": counts.as_json(),
            "problems": [asdict(found) for found in counts.problems],
            "finished_at": utc_now(),
        }
        with self._context.database.write() as session:
            session.execute(update(ImportRow).where(ImportRow.id == row_id).values(values))
