"""Writing what arrived: blobs first, then images and labels of at most 1,000 entries in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from xvlab._clock import utc_now
from xvlab._database.base import Table, new_id
from xvlab._database.tables import ImageLabelRow, ImageRow, WorkspaceRow
from xvlab.data.formats import ImportProblem
from xvlab.data.formats.entries import problem
from xvlab.errors import StorageError
from xvlab.workspace.context import WorkspaceContext
from xvlab.workspace.images import image_values
from xvlab.workspace.pages import chunks
from xvlab.workspace.tasks import Task, append_labels, label_rows_by_name, task_label_ids

from .pipeline import Arrival

BATCH_ENTRIES = 1000
BATCH_BYTES = 64_000_000


@dataclass(slots=True)
class Counts:
    """Running totals of an import."""

    done: int = 0
    added: int = 0
    already_there: int = 0
    labelled: int = 0
    problems: list[ImportProblem] = field(default_factory=list)

    def as_json(self) -> dict[str, int]:
        """Return the numbers as they are kept in the import's row."""
        return {
            "done": self.done,
            "added": self.added,
            "already_there": self.already_there,
            "labelled": self.labelled,
        }


@dataclass(frozen=True, slots=True)
class _Stored:
    id: str
    is_test: bool


class BatchWriter:
    """Collects arrivals and writes them; nothing of a batch is there before all of it is durable."""

    def __init__(self, context: WorkspaceContext, task: Task | None, label_kind: str, counts: Counts) -> None:
        self._context = context
        self._task_id = task.id if task is not None else None
        self._label_kind = label_kind
        self._counts = counts
        self._waiting: list[Arrival] = []
        self._waiting_bytes = 0
        self._seen_label_ids: set[str] = set()

    def add(self, arrived: Iterable[Arrival]) -> bool:
        """Take arrivals; return whether a batch was written."""
        for arrival in arrived:
            self._waiting.append(arrival)
            self._waiting_bytes += len(arrival.prepared.data) if arrival.prepared is not None else 0
        if len(self._waiting) + 32 > BATCH_ENTRIES or self._waiting_bytes >= BATCH_BYTES:
            self.flush()
            return True
        return False

    def flush(self) -> None:
        """Write everything that waits."""
        batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not batch:
            return
        good = [arrival for arrival in batch if arrival.problem is None]
        thumbnails = self._put_blobs(good)
        with self._context.database.write() as session:
            # On PostgreSQL two imports of one workspace take turns; SQLite has one writer anyway.
            session.get(WorkspaceRow, self._context.workspace_id, with_for_update=True)
            stored, new_ids = self._insert_images(session, good, thumbnails)
            labelled, conflicts = self._label(session, good, stored)
        self._counts.done += len(batch)
        self._counts.added += len(new_ids)
        self._counts.already_there += len(good) - len(new_ids)
        self._counts.labelled += labelled
        self._counts.problems.extend(arrival.problem for arrival in batch if arrival.problem is not None)
        self._counts.problems.extend(conflicts)

    def _put_blobs(self, good: Sequence[Arrival]) -> dict[str, str]:
        """Store pictures and thumbnails; return the thumbnail's address of each picture."""
        prepared = [arrival.prepared for arrival in good if arrival.prepared is not None]
        addresses = self._context.blobs.put_many([blob for image in prepared for blob in (image.data, image.thumbnail)])
        return {image.sha256: address for image, address in zip(prepared, addresses[1::2], strict=True)}

    def _insert_images(
        self, session: Session, good: Sequence[Arrival], thumbnails: dict[str, str]
    ) -> tuple[dict[str, _Stored], set[str]]:
        """Insert what the workspace lacks; return all images of the batch by sha256, and the ids of the new ones."""
        rows: dict[str, dict[str, Any]] = {}
        for arrival in good:
            if arrival.prepared is None or arrival.sha256 in rows:
                continue
            values = image_values(
                self._context.workspace_id, arrival.prepared, thumbnail_sha256=thumbnails[arrival.sha256]
            )
            entry = arrival.entry
            rows[arrival.sha256] = values | {
                "id": new_id(), "name": entry.path[-1000:], "is_test": entry.is_test, "is_real": True,
                "meta_data": {}, "created_at": utc_now(),
            }  # fmt: skip
        if rows:
            session.execute(insert_missing(session, ImageRow), list(rows.values()))
        stored = self._stored(session, {arrival.sha256 for arrival in good})
        new_ids = {values["id"] for sha256, values in rows.items() if stored[sha256].id == values["id"]}
        return stored, new_ids

    def _stored(self, session: Session, addresses: set[str]) -> dict[str, _Stored]:
        found: dict[str, _Stored] = {}
        for chunk in chunks(addresses):
            query = select(ImageRow.sha256, ImageRow.id, ImageRow.is_test).where(
                ImageRow.workspace_id == self._context.workspace_id, ImageRow.sha256.in_(chunk)
            )
            found.update(
                {sha256: _Stored(image_id, test) for sha256, image_id, test in session.execute(query).tuples()}
            )
        if len(found) != len(addresses):
            raise StorageError("Images were deleted while they were imported. Run the import again.")
        return found

    def _label(
        self, session: Session, good: Sequence[Arrival], stored: dict[str, _Stored]
    ) -> tuple[int, list[ImportProblem]]:
        """Put the labels on; a picture that has another one of the task or of this source keeps it."""
        names = list(dict.fromkeys(arrival.entry.label for arrival in good if arrival.entry.label))
        labels = label_rows_by_name(session, self._context.workspace_id, names, self._label_kind)
        ids = {name: labels[name].id for name in names}
        if self._task_id is not None:
            append_labels(session, self._task_id, ids.values())
            session.flush()
            self._seen_label_ids.update(task_label_ids(session, self._task_id))
        self._seen_label_ids.update(ids.values())
        present = self._present(session, [image.id for image in stored.values()])
        rows: list[dict[str, Any]] = []
        conflicts: list[ImportProblem] = []
        for arrival in good:
            image, entry = stored[arrival.sha256], arrival.entry
            if image.is_test != entry.is_test:
                conflicts.append(problem(entry.path, "conflicting_split"))
            if not entry.label:
                continue
            wanted = ids[entry.label]
            if image.id not in present:
                present[image.id] = wanted
                rows.append(self._label_values(image.id, wanted))
            elif present[image.id] != wanted:
                conflicts.append(problem(entry.path, "conflicting_label"))
        if rows:
            session.execute(insert_missing(session, ImageLabelRow), rows)
        return len(rows), conflicts

    def _present(self, session: Session, image_ids: Sequence[str]) -> dict[str, str]:
        """Return the label of each image that has one of the task or of this source."""
        present: dict[str, str] = {}
        for chunk in chunks(image_ids):
            query = select(ImageLabelRow.image_id, ImageLabelRow.label_id).where(ImageLabelRow.image_id.in_(chunk))
            rows = session.execute(query).tuples()
            present.update({image_id: label_id for image_id, label_id in rows if label_id in self._seen_label_ids})
        return present

    def _label_values(self, image_id: str, label_id: str) -> dict[str, Any]:
        return {
            "image_id": image_id,
            "label_id": label_id,
            "source": "import",
            "author_id": self._context.user_id,
            "created_at": utc_now(),
        }


def insert_missing(session: Session, table: type[Table]) -> Insert:
    """Make an insert that leaves rows alone that are there already."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
