"""Variation of training images, for a whole batch at once, with the meaning of torchvision's transforms v2.

Levels, each with what the one before it does:

========  ============================================================================================
none      nothing
light     a random shift by up to an eighth of the side (``RandomCrop`` with reflected padding)
medium    a random crop and aspect ratio (``RandomResizedCrop``), mirror images, brightness and contrast
strong    mixing of two images (``CutMix``), grey images, random erasing
========  ============================================================================================

``auto`` is light for images of up to 64 pixels, medium for larger ones. Tiny images are often signs, letters or digits,
whose mirror image means something else and whose details a crop would lose; mirror images start with medium.
Everything is drawn from one generator, so a seed and a step give the same batch wherever a run is taken up.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional

from xvlab.tasks.config import Augmentation

TINY_SIDE = 64
Augment = Callable[[Tensor, Tensor, Generator], tuple[Tensor, Tensor]]


def augmentation_for(level: Augmentation, *, image_size: int) -> Augmentation:
    """Replace ``auto`` by the level that suits images with this side in pixels."""
    if level != "auto":
        return level
    return "light" if image_size <= TINY_SIDE else "medium"


def augment(pixels: Tensor, targets: Tensor, *, level: Augmentation, generator: Generator) -> tuple[Tensor, Tensor]:
    """Vary a batch.

    Args:
        pixels: uint8 or float32 ``(b, 3, s, s)`` in [0, 255].
        targets: Float32 ``(b, outputs)``.
        level: A level other than ``auto``.
        generator: A generator of the CPU; the only source of chance.

    Returns:
        Pixels and targets of the same shapes; the pixels are float32 where their values change.
    """
    if level == "none":
        return pixels, targets
    if level == "light":
        return shift(pixels, generator), targets
    pixels = adjust_light(mirror(resized_crop(pixels.float(), generator), generator), generator)
    if level == "strong":
        pixels = erase(grey(pixels, generator), generator)
        return cut_mix(pixels, targets, generator)
    return pixels, targets


def shift(pixels: Tensor, generator: Generator) -> Tensor:
    """Shift each image by up to an eighth of its side in both directions; the border is reflected."""
    count, _, side, _ = pixels.shape
    margin = min(max(1, side // 8), side - 1)
    moved = torch.randint(0, 2 * margin + 1, (2, count, 1), generator=generator) - margin
    rows, columns = _reflected(moved + torch.arange(side), side).to(pixels.device)
    batch = torch.arange(count, device=pixels.device)[:, None, None]
    return pixels.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _reflected(places: Tensor, side: int) -> Tensor:
    """Mirror places outside of ``0 … side - 1`` at the border pixel, once."""
    inside = places.abs()
    return torch.where(inside < side, inside, 2 * (side - 1) - inside)


def resized_crop(pixels: Tensor, generator: Generator) -> Tensor:
    """Cut a random part of 35 to 100 % of each image's area, aspect ratio 3:4 to 4:3, and resize it to the whole."""
    count = len(pixels)
    chance = torch.rand((4, count), generator=generator)
    area = 0.35 + 0.65 * chance[0]
    aspect = torch.exp((2 * chance[1] - 1) * math.log(4 / 3))
    width, height = (area * aspect).sqrt().clamp(max=1.0), (area / aspect).sqrt().clamp(max=1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = width, height
    theta[:, 0, 2], theta[:, 1, 2] = (1 - width) * (2 * chance[2] - 1), (1 - height) * (2 * chance[3] - 1)
    grid = functional.affine_grid(theta.to(pixels.device), list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def mirror(pixels: Tensor, generator: Generator) -> Tensor:
    """Turn about half of the images left to right."""
    chosen = _chosen(len(pixels), 0.5, generator).to(pixels.device)
    return torch.where(chosen[:, None, None, None], pixels.flip(3), pixels)


def adjust_light(pixels: Tensor, generator: Generator) -> Tensor:
    """Scale brightness and contrast of each image by 0.7 to 1.3 (``ColorJitter`` in this order)."""
    factors = (0.7 + 0.6 * torch.rand((2, len(pixels), 1, 1, 1), generator=generator)).to(pixels.device)
    bright = (pixels * factors[0]).clamp(0, 255)
    middle = _grey_of(bright).mean(dim=(2, 3), keepdim=True)
    return torch.lerp(middle.expand_as(bright), bright, factors[1]).clamp(0, 255)


def grey(pixels: Tensor, generator: Generator) -> Tensor:
    """Take the colour out of a tenth of the images."""
    chosen = _chosen(len(pixels), 0.1, generator).to(pixels.device)
    return torch.where(chosen[:, None, None, None], _grey_of(pixels).expand_as(pixels), pixels)


def erase(pixels: Tensor, generator: Generator) -> Tensor:
    """Fill a rectangle of 2 to 20 % of the area with the image's mean colour, in a quarter of the images."""
    boxes = _boxes(len(pixels), pixels.shape[2], 0.02 + 0.18 * torch.rand(len(pixels), generator=generator), generator)
    inside = boxes & _chosen(len(pixels), 0.25, generator)[:, None, None]
    return torch.where(inside[:, None].to(pixels.device), pixels.mean(dim=(2, 3), keepdim=True), pixels)


def cut_mix(pixels: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Replace a rectangle of half of the images by the same part of another image; targets are mixed by area."""
    count, side = len(pixels), pixels.shape[2]
    other = torch.randperm(count, generator=generator).to(pixels.device)
    inside = _boxes(count, side, torch.rand(count, generator=generator), generator)
    inside = (inside & _chosen(count, 0.5, generator)[:, None, None]).to(pixels.device)
    share = inside.float().mean(dim=(1, 2))[:, None]
    mixed = torch.where(inside[:, None], pixels[other], pixels)
    return mixed, targets * (1 - share) + targets[other] * share


def _chosen(count: int, probability: float, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator) < probability


def _grey_of(pixels: Tensor) -> Tensor:
    weights = torch.tensor([0.2989, 0.587, 0.114], device=pixels.device).view(1, 3, 1, 1)
    return (pixels * weights).sum(dim=1, keepdim=True)


def _boxes(count: int, side: int, area: Tensor, generator: Generator) -> Tensor:
    """Return masks ``(count, side, side)`` of squares with this share of the area, around random centres."""
    half = area.sqrt() * side / 2
    centres = torch.rand((2, count), generator=generator) * side
    along = torch.arange(side) + 0.5
    rows = (along[None] - centres[0][:, None]).abs() < half[:, None]
    columns = (along[None] - centres[1][:, None]).abs() < half[:, None]
    return rows[:, :, None] & columns[:, None, :]
