"""From untrusted bytes to pixels: header first (format and size limits), then OpenCV, Pillow for the odd formats.

Of an animation the first picture is taken; 16-bit values are scaled to 8 bits; transparent parts are laid on white; the
picture is turned as its EXIF orientation says, so sizes and pixels are those a person sees.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# OpenCV reads its own limit once, when it is loaded; it is the second fence behind the header check.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 28))
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from xvlab.errors import ImageRejectedError

from .jpeg_header import plain_jpeg_size

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Formats that are read; no other decoder ever sees a byte."""

REJECTION_REASONS: dict[str, str] = {
    "empty": "The file has no bytes.",
    "too_many_bytes": "The file is larger than the limit on bytes.",
    "not_an_image": "The bytes are no JPEG, PNG, WebP, BMP, GIF or TIFF.",
    "too_many_pixels": "The picture is larger than the limit on pixels.",
    "damaged": "The file starts as an image but cannot be decoded to its end.",
    "unsupported_pixels": "The numbers behind the pixels have no agreed brightness (32-bit or float).",
}
"""Reason for machines to its meaning for people; :class:`ImageRejectedError` carries the reason."""

DEFAULT_MAX_PIXELS = 50_000_000
DEFAULT_MAX_BYTES = 100_000_000
THUMBNAIL_SIDE = 256
_THUMBNAIL_QUALITY = 88
_MAX_SIDE = 65_535
_ORIENTATION_TAG = 0x0112
_CV2_MODES = {"JPEG": {"RGB", "L"}, "PNG": {"RGB", "L"}, "WEBP": {"RGB"}, "BMP": {"RGB"}}
_SIXTEEN_BIT_MODES = {"I;16", "I;16B", "I;16L", "I;16N"}
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\x00", b"MM\x00*")
_DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    OverflowError,
    MemoryError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    cv2.error,
    Image.DecompressionBombError,
    Warning,
)
"""What decoders are known to raise on hostile bytes; anything of it means: these bytes are not taken."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What the header tells.

    Attributes:
        format: One of :data:`FORMATS`.
        width: Pixels from left to right, as seen.
        height: Pixels from top to bottom, as seen.
        frames: Pictures in the file; more than 1 is an animation or a multi-page file.
    """

    format: str
    width: int
    height: int
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """Header and pixels (``rgb``: uint8, shape ``(h, w, 3)``); ``orientation`` is EXIF's 1 to 8, applied already."""

    info: ImageInfo
    rgb: NDArray[np.uint8]
    orientation: int


def inspect(data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS, max_bytes: int = DEFAULT_MAX_BYTES) -> ImageInfo:
    """Read the header only; no pixel is decoded.

    Raises:
        ImageRejectedError: With one of :data:`REJECTION_REASONS` (all but ``damaged``, which only decoding finds).
    """
    with _opened(data, max_pixels=max_pixels, max_bytes=max_bytes) as image:
        return _info(image)


def decode(data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS, max_bytes: int = DEFAULT_MAX_BYTES) -> DecodedImage:
    """Check the header, then decode the whole picture.

    Raises:
        ImageRejectedError: With one of :data:`REJECTION_REASONS`.
    """
    plain = _decode_plain_jpeg(data, max_pixels=max_pixels, max_bytes=max_bytes)
    if plain is not None:
        return plain
    with _opened(data, max_pixels=max_pixels, max_bytes=max_bytes) as image:
        info = _info(image)
        orientation = _orientation(image)
        simple = info.frames == 1 and image.mode in _CV2_MODES.get(info.format, ()) and "transparency" not in image.info
        try:
            rgb = _decode_cv2(data) if simple and (info.format != "PNG" or _is_whole_png(data)) else None
            rgb = _turned(rgb, orientation) if rgb is not None else _decode_pillow(image)
        except ImageRejectedError:
            raise
        except _DECODER_ERRORS as error:
            raise _rejected("damaged", f"decoding it failed: {str(error)[:200]}") from error
    if rgb.shape != (info.height, info.width, 3):
        raise _rejected("damaged", f"the header says {info.width} x {info.height}, the pixels are {rgb.shape}")
    return DecodedImage(info, rgb, orientation)


def decode_rgb(
    data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS, max_bytes: int = DEFAULT_MAX_BYTES
) -> NDArray[np.uint8]:
    """Decode bytes to a contiguous uint8 array of shape ``(height, width, 3)``, RGB, as seen.

    Raises:
        ImageRejectedError: With one of :data:`REJECTION_REASONS`.
    """
    return decode(data, max_pixels=max_pixels, max_bytes=max_bytes).rgb


def thumbnail_rgb(rgb: NDArray[np.uint8], *, side: int = THUMBNAIL_SIDE) -> NDArray[np.uint8]:
    """Shrink an ``(h, w, 3)`` image so that its long side is at most ``side`` pixels; a small one stays as it is."""
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return rgb
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    # Whole blocks averaged first, then at most a factor of 2 linearly: a fifth of the time of area averaging by a
    # fraction, and as smooth.
    halved = block_mean(rgb, min(int(1 / scale), width, height))
    return np.asarray(cv2.resize(halved, size_wh, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def block_mean(rgb: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average ``factor`` x ``factor`` pixels of an ``(h, w, 3)`` image into one; an odd rest is left out."""
    height, width = (length // factor for length in rgb.shape[:2])
    if factor <= 1:
        return rgb
    whole = rgb[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def encode_jpeg(rgb: NDArray[np.uint8], *, quality: int = _THUMBNAIL_QUALITY) -> bytes:
    """Write an ``(h, w, 3)`` uint8 RGB image as JPEG; quality from 1 to 100."""
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done  # noqa: S101 - OpenCV encodes every uint8 image that was decoded before
    return bytes(encoded)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Write an ``(h, w)`` grey or ``(h, w, 3)`` RGB uint8 image as PNG."""
    turned = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    done, encoded = cv2.imencode(".png", turned)
    assert done  # noqa: S101 - OpenCV encodes every uint8 image
    return bytes(encoded)


def thumbnail_jpeg(rgb: NDArray[np.uint8]) -> bytes:
    """Make the JPEG shown in galleries: long side at most 256 pixels, never enlarged."""
    return encode_jpeg(thumbnail_rgb(rgb))


def _rejected(reason: str, detail: str) -> ImageRejectedError:
    message = f"{REJECTION_REASONS[reason]} Here {detail}. Give another file, or repair this one."
    return ImageRejectedError(message, reason=reason)


@contextmanager
def _opened(data: bytes, *, max_pixels: int, max_bytes: int) -> Iterator[Image.Image]:
    """Parse the header by the allowed formats' plug-ins only and check the limits."""
    if not data:
        raise _rejected("empty", "0 bytes came")
    if len(data) > max_bytes:
        raise _rejected("too_many_bytes", f"{len(data):,} bytes came, the limit is {max_bytes:,}")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _rejected("too_many_pixels", f"the header asks for more than {max_pixels:,} pixels") from error
    except _DECODER_ERRORS as error:
        known = data.startswith(_MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        raise _rejected("damaged" if known else "not_an_image", f"the first bytes are {data[:12]!r}") from error
    with image:
        width, height = image.size
        if width * height > max_pixels or max(width, height) > _MAX_SIDE:
            raise _rejected(
                "too_many_pixels", f"the header says {width} x {height}, the limit is {max_pixels:,} pixels"
            )
        yield image


def _info(image: Image.Image) -> ImageInfo:
    width, height = image.size
    if _orientation(image) >= 5:
        width, height = height, width
    try:
        frames = int(getattr(image, "n_frames", 1)) if getattr(image, "is_animated", False) else 1
    except _DECODER_ERRORS:
        frames = 2  # the first picture may be whole though the list of pictures is not
    return ImageInfo("JPEG" if image.format == "MPO" else str(image.format), width, height, frames)


def _orientation(image: Image.Image) -> int:
    """Return EXIF's orientation, 1 (upright) to 8; unreadable EXIF counts as upright."""
    try:
        # The base class's method: PngImageFile's own decodes the whole picture to look for late chunks.
        value = Image.Image.getexif(image).get(_ORIENTATION_TAG, 1)
    except _DECODER_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _decode_plain_jpeg(data: bytes, *, max_pixels: int, max_bytes: int) -> DecodedImage | None:
    """Decode the most common kind of file without Pillow; ``None`` when it is another kind, too large or damaged."""
    size_wh = plain_jpeg_size(data) if len(data) <= max_bytes else None
    if size_wh is None or size_wh[0] * size_wh[1] > max_pixels:
        return None
    rgb = _decode_cv2(data)
    if rgb is None or rgb.shape[:2] != size_wh[::-1]:
        return None
    return DecodedImage(ImageInfo("JPEG", *size_wh, frames=1), rgb, 1)


def _decode_cv2(data: bytes) -> NDArray[np.uint8] | None:
    """Decode, or return ``None`` where Pillow shall try (and say what is wrong)."""
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return None if decoded is None else np.asarray(decoded, dtype=np.uint8)


def _is_whole_png(data: bytes) -> bool:
    """Whether all chunks up to the end are there with right checksums; OpenCV shows half a picture without a word."""
    place = 8
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data) or zlib.crc32(data[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            return False
        if data[place + 4 : place + 8] == b"IEND":
            return True
        place = end + 4
    return False


def _turned(rgb: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Apply an EXIF orientation: transposed from 5 on, then mirrored as the table says."""
    if orientation == 1:
        return rgb
    if orientation >= 5:
        rgb = rgb.transpose(1, 0, 2)
    if orientation in {3, 4, 7, 8}:
        rgb = rgb[::-1]
    if orientation in {2, 3, 6, 7}:
        rgb = rgb[:, ::-1]
    return np.ascontiguousarray(rgb)


def _decode_pillow(image: Image.Image) -> NDArray[np.uint8]:
    """Decode the first picture with Pillow, bring it to 8-bit RGB on white, and turn it."""
    image.seek(0) if getattr(image, "is_animated", False) else None
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode in _SIXTEEN_BIT_MODES or (upright.mode == "I" and image.format == "PNG"):
        grey = (np.asarray(upright, dtype=np.uint16) >> 8).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
    if upright.mode in {"I", "F"}:
        raise _rejected("unsupported_pixels", f"the mode is {upright.mode}")
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    return np.ascontiguousarray(np.asarray(upright.convert("RGB"), dtype=np.uint8))
