"""Decoding: every kind of picture comes out as people see it, every bad file is refused with its reason."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import BAD, GOOD, animated, cmyk_jpeg, jpeg, photo, rotated_jpeg, sixteen_bit_png, transparent_png
from PIL import Image, ImageOps

from xvlab.data.images import REJECTION_REASONS, decode, decode_rgb, inspect, thumbnail_jpeg, thumbnail_rgb
from xvlab.data.jpeg_header import plain_jpeg_size
from xvlab.data.prepared import prepare_image
from xvlab.errors import ImageRejectedError


@pytest.mark.parametrize("build", [pytest.param(build, id=name) for name, build in GOOD.items()])
def test_good_pictures_are_decoded_to_rgb(build: Callable[[], bytes]) -> None:
    data = build()
    info, rgb = inspect(data), decode_rgb(data)
    assert rgb.shape == (info.height, info.width, 3)
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    prepared = prepare_image(data)
    assert len(prepared.perceptual_hash) == 16
    assert len(prepared.signature) == 192
    assert inspect(prepared.thumbnail).format == "JPEG"


@pytest.mark.parametrize(("build", "reason"), [pytest.param(*case, id=name) for name, case in BAD.items()])
def test_bad_files_are_refused_with_their_reason(build: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(ImageRejectedError) as caught:
        decode_rgb(build())
    assert caught.value.reason in (REJECTION_REASONS if reason == "*" else {reason})
    assert caught.value.message.endswith("Give another file, or repair this one.")


def test_too_many_bytes_are_refused_before_anything_is_parsed() -> None:
    with pytest.raises(ImageRejectedError) as caught:
        decode_rgb(b"x" * 101, max_bytes=100)
    assert caught.value.reason == "too_many_bytes"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied_to_sizes_and_pixels(orientation: int) -> None:
    data = rotated_jpeg(orientation)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    decoded = decode(data)
    assert (decoded.info.width, decoded.info.height) == ((30, 40) if orientation >= 5 else (40, 30))
    assert np.abs(decoded.rgb.astype(int) - expected).max() <= 3


def test_sixteen_bits_are_scaled_to_eight() -> None:
    rgb = decode_rgb(sixteen_bit_png())
    assert (rgb[0, 0].tolist(), rgb[-1, -1].tolist()) == ([0, 0, 0], [255, 255, 255])
    assert 120 <= rgb[15, 20, 0] <= 140


def test_cmyk_has_the_colours_of_the_photo() -> None:
    difference = decode_rgb(cmyk_jpeg()).astype(int) - photo()
    assert np.abs(difference).mean() < 6


def test_transparent_parts_are_white() -> None:
    rgb = decode_rgb(transparent_png())
    assert (rgb[0, 0].tolist(), rgb[0, -1].tolist()) == ([255, 255, 255], [255, 0, 0])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    data = animated(kind)
    assert inspect(data).frames == 3
    assert np.abs(decode_rgb(data).astype(int) - photo()).mean() < 8


@pytest.mark.parametrize(
    ("size_wh", "expected"),
    [
        pytest.param((1, 1), (1, 1), id="one pixel"),
        pytest.param((40, 30), (40, 30), id="small stays"),
        pytest.param((256, 256), (256, 256), id="just fits"),
        pytest.param((257, 100), (256, 100), id="a little over"),
        pytest.param((3000, 2000), (256, 171), id="photo"),
        pytest.param((60_000, 3), (256, 1), id="a line"),
    ],
)
def test_thumbnails_have_a_long_side_of_256_and_are_never_enlarged(
    size_wh: tuple[int, int], expected: tuple[int, int]
) -> None:
    small = thumbnail_rgb(np.zeros((size_wh[1], size_wh[0], 3), np.uint8))
    assert (small.shape[1], small.shape[0]) == expected


def test_thumbnails_look_like_the_picture() -> None:
    pixels = photo(1000, 700)
    expected = np.asarray(Image.fromarray(pixels).resize((256, 179), Image.Resampling.BOX))
    assert np.abs(decode_rgb(thumbnail_jpeg(pixels)).astype(int) - expected).mean() < 3


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        pytest.param(lambda: b"", None, id="empty"),
        pytest.param(jpeg, (40, 30), id="plain"),
        pytest.param(GOOD["grey jpeg"], (40, 30), id="grey"),
        pytest.param(GOOD["progressive jpeg"], (40, 30), id="progressive"),
        pytest.param(cmyk_jpeg, None, id="cmyk"),
        pytest.param(lambda: rotated_jpeg(6), None, id="with exif"),
        pytest.param(lambda: jpeg()[:100], None, id="cut off"),
        pytest.param(GOOD["png"], None, id="png"),
    ],
)
def test_plain_jpegs_tell_their_size_at_once(build: Callable[[], bytes], expected: tuple[int, int] | None) -> None:
    assert plain_jpeg_size(build()) == expected


def test_a_plain_jpeg_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ImageRejectedError) as caught:
        decode_rgb(jpeg(40, 30), max_pixels=1199)
    assert caught.value.reason == "too_many_pixels"


def test_a_small_upright_jpeg_is_its_own_thumbnail() -> None:
    assert prepare_image(data := jpeg()).thumbnail is data
    assert prepare_image(rotated_jpeg(6)).thumbnail != rotated_jpeg(6)


_WHOLE = [build() for build in GOOD.values()]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_WHOLE), st.data())
def test_damaged_bytes_are_decoded_or_refused_and_nothing_else(whole: bytes, data: st.DataObject) -> None:
    mutable = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8)) if mutable else 0):
        mutable[data.draw(st.integers(0, len(mutable) - 1))] = data.draw(st.integers(0, 255))
    reason = ""
    try:
        decode_rgb(bytes(mutable), max_pixels=1_000_000)
    except ImageRejectedError as error:
        reason = error.reason
    assert reason in {"", *REJECTION_REASONS}
