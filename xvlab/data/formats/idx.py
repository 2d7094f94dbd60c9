"""IDX files, plain or gzipped, as MNIST and its relatives come: a file of images and one of labels for each part."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xvlab.data.images import encode_png
from xvlab.errors import InvalidInputError, UnsupportedFormatError

from .entries import Entry, Listing

_PARTS = {"train": False, "t10k": True, "test": True}
_UINT8_CODE = 8
_MAX_BYTES = 1 << 32


def read_idx(folder: Path, *, label_names: Sequence[str] = (), is_test: bool = False) -> Listing:
    """List the pictures of ``train-images-idx3-ubyte[.gz]``, ``train-labels-idx1-ubyte[.gz]`` and the ``t10k`` pair.

    Args:
        folder: The folder that holds the files; pictures of ``t10k`` (or ``test``) become test images.
        label_names: Name of label 0, 1, …; without them the numbers are the names.
        is_test: Set all of them apart for tests.

    Raises:
        InvalidInputError: The folder has no pair of files, or a label has no name.
        UnsupportedFormatError: A file is not in IDX format, damaged, or does not fit its partner.
    """
    listing = Listing()
    for part, flagged in _PARTS.items():
        files = find_pair(folder, part)
        if files is None:
            continue
        images, labels = _read(files[0], dimensions=3), _read(files[1], dimensions=1)
        if len(images) != len(labels):
            message = (
                f"{files[0].name} has {len(images)} images, {files[1].name} {len(labels)} labels. Fetch them again."
            )
            raise UnsupportedFormatError(message)
        names = _names(labels, label_names)
        for number, (pixels, name) in enumerate(zip(images, names, strict=True)):
            read = partial(encode_png, pixels)
            listing.entries.append(Entry(f"{part}/{name}/{number:05}.png", name, is_test or flagged, 0, read))
    if not listing.entries:
        raise InvalidInputError(
            f"Expected files like train-images-idx3-ubyte.gz in {folder}. Give the folder with them."
        )
    return listing


def find_pair(folder: Path, part: str) -> tuple[Path, Path] | None:
    """Return the files of images and labels of a part, or ``None`` when one of them is missing."""
    found = [
        next((file for ending in ("", ".gz") if (file := folder / f"{part}-{kind}-ubyte{ending}").is_file()), None)
        for kind in ("images-idx3", "labels-idx1")
    ]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def is_idx_folder(folder: Path) -> bool:
    """Whether a folder holds a pair of IDX files."""
    return any(find_pair(folder, part) for part in _PARTS)


def _names(labels: NDArray[np.uint8], label_names: Sequence[str]) -> list[str]:
    if label_names and len(labels) and int(labels.max()) >= len(label_names):
        message = f"Expected names for labels 0 to {int(labels.max())}, got {len(label_names)}. Name them all."
        raise InvalidInputError(message, field="label_names")
    return [label_names[number] if label_names else str(number) for number in labels.tolist()]


def _read(file: Path, *, dimensions: int) -> NDArray[np.uint8]:
    """Read one file of unsigned bytes with so many dimensions; never more bytes than its header announces."""
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            zeros, code, rank = struct.unpack(">HBB", stream.read(4))
            shape = struct.unpack(f">{rank}I", stream.read(4 * rank)) if rank == dimensions else ()
            count = int(np.prod(shape, dtype=np.float64)) if shape else _MAX_BYTES + 1
            if zeros != 0 or code != _UINT8_CODE or count > _MAX_BYTES:
                raise UnsupportedFormatError(f"{file.name} is not an IDX file of bytes in {dimensions} dimensions.")
            data = stream.read(count)
        return np.frombuffer(data, np.uint8).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise UnsupportedFormatError(
            f"{file.name} is not an IDX file or is damaged ({error}). Fetch it again."
        ) from error
