"""Everything that is computed once when a picture is taken in: address, header, thumbnail, fingerprints."""

from __future__ import annotations

from dataclasses import dataclass

from .hashing import fingerprints, sha256_of
from .images import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_PIXELS,
    THUMBNAIL_SIDE,
    DecodedImage,
    ImageInfo,
    decode,
    encode_jpeg,
    thumbnail_rgb,
)

_OWN_THUMBNAIL_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """A picture that was decoded to its end and may be stored.

    Attributes:
        data: The bytes as they came.
        sha256: Their address.
        info: Header; sizes as seen.
        thumbnail: JPEG, long side at most 256 pixels; the bytes themselves when they already are that.
        perceptual_hash: See :func:`xvlab.data.hashing.fingerprints`.
        signature: See :func:`xvlab.data.hashing.fingerprints`.
    """

    data: bytes
    sha256: str
    info: ImageInfo
    thumbnail: bytes
    perceptual_hash: str
    signature: bytes


def prepare_image(
    data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS, max_bytes: int = DEFAULT_MAX_BYTES, sha256: str = ""
) -> PreparedImage:
    """Check, decode and fingerprint the bytes of a picture; give ``sha256`` where it is known already.

    Raises:
        ImageRejectedError: The bytes are not taken in; see :data:`xvlab.data.images.REJECTION_REASONS`.
    """
    decoded = decode(data, max_pixels=max_pixels, max_bytes=max_bytes)
    small = thumbnail_rgb(decoded.rgb)
    perceptual_hash, signature = fingerprints(small)
    return PreparedImage(
        data=data,
        sha256=sha256 or sha256_of(data),
        info=decoded.info,
        thumbnail=data if _is_thumbnail(data, decoded) else encode_jpeg(small),
        perceptual_hash=perceptual_hash,
        signature=signature,
    )


def _is_thumbnail(data: bytes, decoded: DecodedImage) -> bool:
    info = decoded.info
    is_upright_jpeg = info.format == "JPEG" and info.frames == 1 and decoded.orientation == 1
    return is_upright_jpeg and max(info.width, info.height) <= THUMBNAIL_SIDE and len(data) <= _OWN_THUMBNAIL_BYTES
