"""The snapshot: an immutable, hashed list of exactly what a training run sees. Same hash, same data."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from xvlab.errors import InvalidInputError

Split = Literal["train", "evaluation", "test"]
SPLITS: tuple[Split, ...] = ("train", "evaluation", "test")
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class SnapshotLabel:
    """A label as it was when the snapshot was taken; its place in the list is the class index."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SnapshotItem:
    """One image with what is known about it.

    Attributes:
        image_id: Id of the image in its workspace.
        sha256: Address of the image's bytes in the blob store.
        split: ``train`` is learned from, ``evaluation`` is held out of it, ``test`` was set apart by people.
        label_ids: Labels of the task on the image; exactly one for ``multi_class``.
    """

    image_id: str
    sha256: str
    split: Split
    label_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a training run sees. Items are sorted by image id, so equal content gives equal bytes.

    Attributes:
        task_id: The task it was taken for.
        kind: The kind of the task, for example ``multi_class``.
        seed: Seed of the held-out split.
        evaluation_share: Share of the non-test images that is held out, in (0, 1).
        labels: Class order.
        items: The images.
    """

    task_id: str
    kind: str
    seed: int
    evaluation_share: float
    labels: tuple[SnapshotLabel, ...]
    items: tuple[SnapshotItem, ...]

    def to_bytes(self) -> bytes:
        """Write canonical JSON (sorted keys, no spaces, UTF-8)."""
        body = {"format_version": FORMAT_VERSION, **asdict(self)}
        return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def sha256(self) -> str:
        """Identity of the content: hash of :meth:`to_bytes`."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def of_split(self, *splits: Split) -> tuple[SnapshotItem, ...]:
        """Return the items of these splits, in order."""
        return tuple(item for item in self.items if item.split in splits)

    def counts(self) -> dict[str, int]:
        """Return the number of images of each split."""
        counted = Counter(item.split for item in self.items)
        return {split: counted[split] for split in SPLITS}

    def class_index(self) -> dict[str, int]:
        """Return label id to class index."""
        return {label.id: index for index, label in enumerate(self.labels)}


@dataclass(frozen=True, slots=True)
class TrainingData:
    """A snapshot together with the way to its bytes.

    Attributes:
        snapshot: What to learn from.
        read_image: Takes the sha256 of an image, returns its encoded bytes. May be called from several threads.
    """

    snapshot: Snapshot
    read_image: Callable[[str], bytes]


def make_snapshot(
    *,
    task_id: str,
    kind: str,
    seed: int,
    evaluation_share: float,
    labels: Iterable[SnapshotLabel],
    items: Iterable[SnapshotItem],
) -> Snapshot:
    """Build a snapshot with its items in canonical order."""
    ordered = tuple(sorted(items, key=lambda item: item.image_id))
    return Snapshot(task_id, kind, seed, evaluation_share, tuple(labels), ordered)


def read_snapshot(data: bytes) -> Snapshot:
    """Read what :meth:`Snapshot.to_bytes` wrote.

    Raises:
        InvalidInputError: The bytes are not a snapshot of a known format version.
    """
    try:
        body: dict[str, Any] = json.loads(data)
        version = body.pop("format_version")
        if version != FORMAT_VERSION:
            raise InvalidInputError(f"Expected snapshot format {FORMAT_VERSION}, got {version}. Update xvlab.")
        labels = tuple(SnapshotLabel(**label) for label in body.pop("labels"))
        items = tuple(SnapshotItem(**{**item, "label_ids": tuple(item["label_ids"])}) for item in body.pop("items"))
        return Snapshot(labels=labels, items=items, **body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            f"These bytes are not a snapshot ({error}). Take a new snapshot of the task."
        ) from error
