"""Held-out splits and near-identical pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encoded, photo

from xvlab.data.duplicates import MAX_HASH_BITS, MAX_ROOT_MEAN_SQUARE, near_identical_groups
from xvlab.data.images import decode_rgb
from xvlab.data.prepared import prepare_image
from xvlab.data.splits import Candidate, assign_splits, labels_too_small
from xvlab.errors import InvalidInputError


def _candidates(count: int, *, labels: int = 3, group_size: int = 1) -> list[Candidate]:
    return [
        Candidate(f"{number:064x}", number % labels, number // group_size, is_test=False) for number in range(count)
    ]


def test_nothing_gives_nothing() -> None:
    assert assign_splits([], seed=0, evaluation_share=0.2) == []


def test_each_label_gets_its_share() -> None:
    candidates = _candidates(300)
    splits = assign_splits(candidates, seed=7, evaluation_share=0.2)
    for label in range(3):
        held_out = sum(s == "evaluation" for s, c in zip(splits, candidates, strict=True) if c.label == label)
        assert held_out == 20


def test_the_seed_and_nothing_else_decides() -> None:
    candidates = _candidates(300)
    first = assign_splits(candidates, seed=1, evaluation_share=0.2)
    assert assign_splits(candidates[::-1], seed=1, evaluation_share=0.2)[::-1] == first
    assert assign_splits(candidates, seed=2, evaluation_share=0.2) != first


def test_an_added_image_moves_few_others() -> None:
    before = assign_splits(_candidates(300), seed=1, evaluation_share=0.2)
    after = assign_splits(_candidates(303), seed=1, evaluation_share=0.2)[:300]
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= 6


def test_twins_of_test_images_are_left_out() -> None:
    candidates = [*_candidates(30), Candidate("a" * 64, 0, 4, is_test=True)]
    splits = assign_splits(candidates, seed=0, evaluation_share=0.2)
    assert splits[30] == "test"
    assert [number for number, split in enumerate(splits) if split is None] == [4]


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_outside_of_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(InvalidInputError, match="evaluation share"):
        assign_splits(_candidates(3), seed=0, evaluation_share=share)


def test_labels_with_too_few_images_are_named() -> None:
    candidates = [*_candidates(4, labels=2), Candidate("b" * 64, 2, 9, is_test=False)]
    candidates += [Candidate("c" * 64, 3, 10, is_test=True)]
    assert labels_too_small(candidates, 5) == [(2, 1), (3, 0), (4, 0)]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.booleans()), max_size=80),
    st.integers(0, 5),
    st.floats(0.05, 0.6),
)
def test_groups_stay_together_and_tests_stay_apart(rows: list[tuple[int, int, bool]], seed: int, share: float) -> None:
    candidates = [
        Candidate(f"{number:064x}", label, group, is_test and number % 5 == 0)
        for number, (label, group, is_test) in enumerate(rows)
    ]
    splits = assign_splits(candidates, seed=seed, evaluation_share=share)
    sides: dict[int, set[str | None]] = {}
    for candidate, split in zip(candidates, splits, strict=True):
        assert (split == "test") == candidate.is_test
        sides.setdefault(candidate.group, set()).add(split)
    for found in sides.values():
        assert found <= {"test", None} or len(found) == 1


def _groups(*files: bytes) -> list[int]:
    prepared = [prepare_image(file) for file in files]
    groups = near_identical_groups([one.signature for one in prepared], [one.perceptual_hash for one in prepared])
    return groups.tolist()


def test_no_pictures_have_no_groups() -> None:
    assert _groups() == []


def test_the_same_shot_saved_again_is_found() -> None:
    pixels = photo(400, 300)
    again = [
        encoded(pixels, "PNG"),
        encoded(pixels, "JPEG", quality=70),
        encoded(pixels, "WEBP", quality=80),
        encoded(decode_rgb(encoded(pixels, "PNG"))[::2, ::2], "PNG"),
    ]
    assert _groups(*again, encoded(photo(400, 300, seed=1), "PNG")) == [0, 0, 0, 0, 4]


def test_flat_pictures_of_different_colours_are_different() -> None:
    flat = [encoded(np.full((40, 40, 3), value, np.uint8), "PNG") for value in (0, 5, 10, 128, 255)]
    assert _groups(*flat) == [0, 1, 2, 3, 4]


def test_of_1797_digits_hardly_any_are_near_identical() -> None:
    from sklearn.datasets import load_digits

    pixels = np.round(load_digits().images * (255 / 16)).astype(np.uint8)
    prepared = [prepare_image(encoded(image, "PNG")) for image in pixels]
    groups = near_identical_groups([one.signature for one in prepared], [one.perceptual_hash for one in prepared])
    assert len(set(groups.tolist())) >= 1797 - 5


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 50, 301, 350]), st.integers(1, 40))
def test_the_grid_finds_what_comparing_all_pairs_finds(seed: int, count: int, noise: int) -> None:
    generator = np.random.default_rng(seed)
    centres = generator.integers(0, 256, (5, 192))
    spread = generator.normal(0, noise / 10, (count, 192))
    colours = np.clip(centres[generator.integers(0, 5, count)] + spread, 0, 255).astype(np.uint8)
    hashes = generator.integers(0, 2**4, count, dtype=np.uint64)
    groups = near_identical_groups(
        [row.tobytes() for row in colours], [int(value).to_bytes(8, "little").hex() for value in hashes]
    )
    near = np.square(colours[:, None].astype(int) - colours[None]).mean(axis=2) <= MAX_ROOT_MEAN_SQUARE**2
    near &= np.bitwise_count(hashes[:, None] ^ hashes[None]) <= MAX_HASH_BITS
    for _ in range(count.bit_length()):
        near = near @ near
    assert np.array_equal(near, groups[:, None] == groups[None])
