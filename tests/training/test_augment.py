"""Augmentation: seeded, of the right shape, and with the meaning of torchvision's transforms v2."""

from __future__ import annotations

import pytest

import xvlab.models  # noqa: F401 - makes torchvision importable

import torch  # isort: skip
from torchvision.transforms.v2 import functional as v2  # isort: skip
from xvlab.training import augment as varied

LEVELS = ("none", "light", "medium", "strong")


def batch(side: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (12, 3, side, side), generator=generator).float()
    return pixels, torch.eye(4)[torch.arange(12) % 4]


def seeded(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("side", [pytest.param(8, id="8 pixels"), pytest.param(40, id="40 pixels")])
def test_levels_keep_shape_range_and_seed(level, side: int) -> None:
    pixels, targets = batch(side)
    one, wanted = varied.augment(pixels, targets, level=level, generator=seeded())
    two, again = varied.augment(pixels, targets, level=level, generator=seeded())
    assert one.shape == pixels.shape
    assert one.min() >= 0
    assert one.max() <= 255.01
    assert torch.equal(one, two)
    assert torch.equal(wanted, again)
    assert torch.allclose(wanted.sum(1), torch.ones(12))
    assert torch.equal(one, pixels) == (level == "none")


def test_auto_depends_on_the_size_and_never_mirrors_tiny_images() -> None:
    assert varied.augmentation_for("auto", image_size=28) == "light"
    assert varied.augmentation_for("auto", image_size=128) == "medium"
    assert varied.augmentation_for("strong", image_size=28) == "strong"


def test_a_shift_is_a_crop_of_the_padded_image() -> None:
    pixels, _ = batch(16)
    shifted = varied.shift(pixels, seeded())
    padded = v2.pad(pixels, [2, 2, 2, 2], padding_mode="reflect")
    for before, after in zip(padded, shifted, strict=True):
        crops = (v2.crop(before, top, left, 16, 16) for top in range(5) for left in range(5))
        assert any(torch.equal(crop, after) for crop in crops)


def test_mirror_images_are_horizontal_flips_of_about_half() -> None:
    pixels = torch.rand(200, 3, 6, 6, generator=seeded())
    mirrored = varied.mirror(pixels, seeded())
    turned = [torch.equal(a, v2.horizontal_flip(b)) for a, b in zip(mirrored, pixels, strict=True)]
    kept = [torch.equal(a, b) for a, b in zip(mirrored, pixels, strict=True)]
    assert all(one or other for one, other in zip(turned, kept, strict=True))
    assert 60 < sum(turned) < 140


def test_light_is_adjusted_like_brightness_then_contrast() -> None:
    pixels, _ = batch()
    factors = 0.7 + 0.6 * torch.rand((2, 12, 1, 1, 1), generator=seeded())
    ours = varied.adjust_light(pixels, seeded()) / 255
    for i in range(12):
        theirs = v2.adjust_brightness(pixels[i] / 255, float(factors[0, i]))
        theirs = v2.adjust_contrast(theirs, float(factors[1, i]))
        assert torch.allclose(ours[i], theirs, atol=2e-3)


def test_grey_images_equal_torchvisions() -> None:
    pixels = torch.rand(200, 3, 4, 4, generator=seeded())
    ours = varied.grey(pixels, seeded())
    theirs = v2.rgb_to_grayscale(pixels, num_output_channels=3)
    changed = [i for i in range(200) if not torch.equal(ours[i], pixels[i])]
    assert 5 < len(changed) < 45
    assert torch.allclose(ours[changed], theirs[changed], atol=1e-5)


def test_mixed_targets_follow_the_area() -> None:
    pixels = torch.arange(12).float().view(12, 1, 1, 1).expand(12, 3, 10, 10).contiguous()
    targets = torch.eye(12)
    mixed, wanted = varied.cut_mix(pixels, targets, seeded())
    for i in range(12):
        shares = torch.stack([(mixed[i, 0] == j).float().mean() for j in range(12)])
        assert torch.allclose(shares, wanted[i], atol=1e-6)
