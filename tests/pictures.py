"""Pictures as they come in real life and from enemies: each builder returns the bytes of a file."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def photo(width: int = 40, height: int = 30, *, seed: int = 0) -> NDArray[np.uint8]:
    """A smooth coloured picture of shape (height, width, 3) whose four corners all differ."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (4, 5, 3), dtype=np.uint8)
    resized = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized, dtype=np.uint8)


def encoded(pixels: NDArray[Any] | Image.Image, kind: str, **options: Any) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(width: int = 40, height: int = 30, *, seed: int = 0, quality: int = 95) -> bytes:
    return encoded(photo(width, height, seed=seed), "JPEG", quality=quality)


def png(width: int = 40, height: int = 30, *, seed: int = 0) -> bytes:
    return encoded(photo(width, height, seed=seed), "PNG")


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header announces any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def cmyk_jpeg() -> bytes:
    return encoded(Image.fromarray(photo()).convert("CMYK"), "JPEG", quality=95)


def sixteen_bit_png() -> bytes:
    values = np.linspace(0, 65535, 40 * 30).reshape(30, 40).astype(np.uint16)
    return encoded(Image.fromarray(values), "PNG")


def sixteen_bit_tiff() -> bytes:
    values = np.linspace(0, 65535, 40 * 30).reshape(30, 40).astype(np.uint16)
    return encoded(Image.fromarray(values), "TIFF")


def animated(kind: str) -> bytes:
    frames = [Image.fromarray(photo(seed=seed)) for seed in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


def rotated_jpeg(orientation: int) -> bytes:
    image = Image.fromarray(photo())
    exif = image.getexif()
    exif[0x0112] = orientation
    return encoded(image, "JPEG", quality=95, exif=exif)


def transparent_png() -> bytes:
    pixels = np.zeros((30, 40, 4), np.uint8)
    pixels[:, 20:] = (255, 0, 0, 255)
    return encoded(pixels, "PNG")


def palette_png() -> bytes:
    return encoded(Image.fromarray(photo()).quantize(64), "PNG")


GOOD: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg,
    "grey jpeg": lambda: encoded(photo()[:, :, 0], "JPEG"),
    "progressive jpeg": lambda: encoded(photo(), "JPEG", progressive=True),
    "cmyk jpeg": cmyk_jpeg,
    "png": png,
    "grey png": lambda: encoded(photo()[:, :, 0], "PNG"),
    "bilevel png": lambda: encoded(Image.fromarray(photo()).convert("1"), "PNG"),
    "palette png": palette_png,
    "transparent png": transparent_png,
    "16-bit png": sixteen_bit_png,
    "16-bit tiff": sixteen_bit_tiff,
    "tiff": lambda: encoded(photo(), "TIFF", compression="tiff_lzw"),
    "webp": lambda: encoded(photo(), "WEBP", lossless=True),
    "bmp": lambda: encoded(photo(), "BMP"),
    "gif": lambda: encoded(photo(), "GIF"),
    "animated gif": lambda: animated("GIF"),
    "animated webp": lambda: animated("WEBP"),
    "animated png": lambda: animated("PNG"),
    "many pages": lambda: animated("TIFF"),
    "one pixel": lambda: encoded(np.zeros((1, 1, 3), np.uint8), "PNG"),
    "one row": lambda: encoded(photo(300, 1), "PNG"),
}
"""Every kind that is taken in; all are 40 x 30 but the last two."""

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "zero bytes": (lambda: b"", "empty"),
    "text": (lambda: b"this is no image, whatever its name says", "not_an_image"),
    "html": (lambda: b"<html><script>alert(1)</script></html>", "not_an_image"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "not_an_image"),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not_an_image"),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(100), "not_an_image"),
    "only magic bytes": (lambda: b"\xff\xd8\xff\xe0", "damaged"),
    "truncated jpeg": (lambda: jpeg(400, 300)[:5000], "damaged"),
    "truncated png": (lambda: png(200, 100)[:3000], "damaged"),
    "truncated webp": (lambda: encoded(photo(300, 200), "WEBP")[:1000], "damaged"),
    "truncated gif": (lambda: encoded(photo(300, 200), "GIF")[:2000], "damaged"),
    "truncated tiff": (lambda: encoded(photo(300, 200), "TIFF", compression="tiff_lzw")[:2000], "*"),
    "damaged png": (lambda: png(200, 100)[:2000] + bytes(200) + png(200, 100)[2200:], "damaged"),
    "decompression bomb": (lambda: png_header(32_000, 32_000), "too_many_pixels"),
    "huge side": (lambda: png_header(2_000_000_000, 1), "too_many_pixels"),
    "100 megapixels": (lambda: encoded(np.zeros((10_000, 10_000), np.uint8), "PNG"), "too_many_pixels"),
    "32-bit tiff": (lambda: encoded(Image.fromarray(np.zeros((30, 40), np.float32)), "TIFF"), "unsupported_pixels"),
}
"""Every kind that is refused, with its reason; ``*`` where the decoder's word for it may change."""
