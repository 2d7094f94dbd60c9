"""Images of a workspace: take in, list, look at, flag, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from xvlab._database.tables import ImageLabelRow, ImageRow, LabelRow
from xvlab.errors import AlreadyExistsError, InvalidInputError, NotFoundError

from .context import WorkspaceContext
from .image_filter import ImageFilter, conditions
from .labels import Label, label_of
from .pages import Page, chunks, keyset, make_page

if TYPE_CHECKING:
    from xvlab.data.prepared import PreparedImage

__all__ = ["Image", "ImageFilter", "Images"]

_EVERY_IMAGE = ImageFilter()
_MAX_NAME = 1000


@dataclass(frozen=True, slots=True)
class Image:
    """A stored picture; ``width`` and ``height`` are pixels as seen, ``labels`` those of all tasks, oldest first."""

    id: str
    workspace_id: str
    sha256: str
    thumbnail_sha256: str
    name: str
    format: str
    byte_count: int
    width: int
    height: int
    is_test: bool
    is_real: bool
    meta_data: dict[str, Any]
    created_at: datetime
    labels: tuple[Label, ...]


class Images:
    """The images of one workspace."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._context = context

    def add(
        self,
        data: bytes,
        *,
        name: str = "",
        is_test: bool = False,
        is_real: bool = True,
        meta_data: dict[str, Any] | None = None,
    ) -> Image:
        """Take in one picture; it is durable when this returns.

        Raises:
            ImageRejectedError: The bytes are not an image that is taken in.
            AlreadyExistsError: The workspace has an image of the same bytes; the error holds its id.
        """
        from xvlab.data.prepared import prepare_image  # decoders cost a dashboard's kernel 16 MB that it rarely needs

        settings = self._context.settings
        prepared = prepare_image(data, max_pixels=settings.max_image_pixels, max_bytes=settings.max_image_bytes)
        self._refuse_known(prepared.sha256)
        thumbnail_sha256 = self._context.blobs.put_many([prepared.data, prepared.thumbnail])[1]
        row = ImageRow(**image_values(self._context.workspace_id, prepared, thumbnail_sha256=thumbnail_sha256))
        row.name, row.is_test, row.is_real, row.meta_data = name[:_MAX_NAME], is_test, is_real, dict(meta_data or {})
        try:
            with self._context.database.write() as session:
                session.add(row)
        except IntegrityError:
            self._refuse_known(prepared.sha256)
            raise
        return image_of(row, ())

    def get(self, image_id: str) -> Image:
        """Return an image.

        Raises:
            NotFoundError: This workspace has no such image.
        """
        return self.get_many([image_id])[0]

    def get_many(self, image_ids: Sequence[str]) -> list[Image]:
        """Return images in the order of their ids.

        Raises:
            NotFoundError: This workspace lacks one of them.
        """
        with self._context.database.read() as session:
            rows = {row.id: row for row in self._rows(session, image_ids)}
            missing = next((image_id for image_id in image_ids if image_id not in rows), None)
            if missing is not None:
                raise NotFoundError(f"This workspace has no image {missing!r}. List the images to see which there are.")
            return images_of(session, [rows[image_id] for image_id in image_ids])

    def page(
        self,
        filter: ImageFilter = _EVERY_IMAGE,  # noqa: A002 - the word of the interface
        after: str | None = None,
        limit: int = 60,
    ) -> Page[Image]:
        """List images, oldest first."""
        query = select(ImageRow).where(*conditions(self._context.workspace_id, filter))
        with self._context.database.read() as session:
            rows = session.scalars(keyset(query, ImageRow.created_at, ImageRow.id, after=after, limit=limit)).all()
            page = make_page(rows, limit=limit, count=self._count(session, filter))
            return Page(tuple(images_of(session, page.items)), page.next, page.count)

    def count(self, filter: ImageFilter = _EVERY_IMAGE) -> int:  # noqa: A002 - the word of the interface
        """Count images."""
        with self._context.database.read() as session:
            return self._count(session, filter)

    def content(self, image_id: str) -> bytes:
        """Return the bytes as they came."""
        return self._context.blobs.get(self.get(image_id).sha256)

    def thumbnail(self, image_id: str) -> bytes:
        """Return a JPEG of at most 256 pixels on the long side."""
        return self._context.blobs.get(self.get(image_id).thumbnail_sha256)

    def set_test(self, image_ids: Iterable[str], flag: bool) -> None:  # noqa: FBT001 - the contract's signature
        """Set apart for tests, or give back to training; the next snapshot sees it."""
        self._update(image_ids, {"is_test": flag})

    def set_meta_data(self, image_id: str, meta_data: dict[str, Any]) -> Image:
        """Replace an image's free JSON object."""
        if not isinstance(meta_data, dict):
            message = f"Expected a JSON object, got {type(meta_data).__name__}. Give a dict."
            raise InvalidInputError(message, field="meta_data")
        self._update([image_id], {"meta_data": meta_data})
        return self.get(image_id)

    def delete(self, image_id: str) -> None:
        """Delete an image with its labels; its bytes stay in the blob store, where snapshots may refer to them.

        Raises:
            NotFoundError: This workspace has no such image.
        """
        self.get(image_id)
        with self._context.database.write() as session:
            session.execute(delete(ImageRow).where(ImageRow.id == image_id))

    def _rows(self, session: Session, image_ids: Sequence[str]) -> list[ImageRow]:
        rows: list[ImageRow] = []
        for chunk in chunks(image_ids):
            of_workspace = ImageRow.workspace_id == self._context.workspace_id
            rows.extend(session.scalars(select(ImageRow).where(of_workspace, ImageRow.id.in_(chunk))))
        return rows

    def _update(self, image_ids: Iterable[str], values: dict[str, Any]) -> None:
        """Change columns of all these images, or of none when one is not here."""
        wanted = list(dict.fromkeys(image_ids))
        with self._context.database.write() as session:
            changed = 0
            for chunk in chunks(wanted):
                statement = update(ImageRow).where(
                    ImageRow.workspace_id == self._context.workspace_id, ImageRow.id.in_(chunk)
                )
                changed += len(session.scalars(statement.values(values).returning(ImageRow.id)).all())
            if changed != len(wanted):
                lacking = len(wanted) - changed
                raise NotFoundError(f"This workspace lacks {lacking} of {len(wanted)} images. List them again.")

    def _count(self, session: Session, wanted: ImageFilter) -> int:
        query = select(func.count()).select_from(ImageRow).where(*conditions(self._context.workspace_id, wanted))
        return session.scalar(query) or 0

    def _refuse_known(self, sha256: str) -> None:
        query = select(ImageRow.id).where(
            ImageRow.workspace_id == self._context.workspace_id, ImageRow.sha256 == sha256
        )
        with self._context.database.read() as session:
            existing = session.scalar(query)
        if existing is not None:
            message = f"The workspace has an image of the same bytes: {existing}. Use that one."
            raise AlreadyExistsError(message, existing_id=existing)


def image_values(workspace_id: str, prepared: PreparedImage, *, thumbnail_sha256: str) -> dict[str, Any]:
    """Return the columns of a prepared picture's row."""
    return {
        "workspace_id": workspace_id,
        "sha256": prepared.sha256,
        "thumbnail_sha256": thumbnail_sha256,
        "perceptual_hash": prepared.perceptual_hash,
        "signature": prepared.signature,
        "format": prepared.info.format,
        "byte_count": len(prepared.data),
        "width": prepared.info.width,
        "height": prepared.info.height,
    }


def image_of(row: ImageRow, labels: tuple[Label, ...]) -> Image:
    """Make the value from its row."""
    return Image(
        id=row.id,
        workspace_id=row.workspace_id,
        sha256=row.sha256,
        thumbnail_sha256=row.thumbnail_sha256,
        name=row.name,
        format=row.format,
        byte_count=row.byte_count,
        width=row.width,
        height=row.height,
        is_test=row.is_test,
        is_real=row.is_real,
        meta_data=dict(row.meta_data),
        created_at=row.created_at,
        labels=labels,
    )


def images_of(session: Session, rows: Sequence[ImageRow]) -> list[Image]:
    """Make the values from their rows, with the labels of all in few queries."""
    labels: dict[str, list[Label]] = {}
    for chunk in chunks([row.id for row in rows]):
        query = (
            select(ImageLabelRow.image_id, LabelRow)
            .join(LabelRow, LabelRow.id == ImageLabelRow.label_id)
            .where(ImageLabelRow.image_id.in_(chunk))
            .order_by(LabelRow.created_at, LabelRow.id)
        )
        for image_id, label in session.execute(query).tuples():
            labels.setdefault(image_id, []).append(label_of(label))
    return [image_of(row, tuple(labels.get(row.id, ()))) for row in rows]
