"""Which images each step sees: a function of seed, epoch and step only, so that a run can be taken up anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def steps_per_epoch(images: int, *, batch_size: int) -> int:
    """Return the number of whole batches of an epoch; a set smaller than one batch is one step."""
    return max(1, images // batch_size)


def batch_places(images: int, step: int, *, batch_size: int, seed: int) -> NDArray[np.int64]:
    """Return the places of the images of one step, each epoch in another order.

    The rest that fills no batch is left out for that epoch; a set smaller than one batch is taken whole, a single image
    twice, because batch statistics need two.

    Args:
        images: Number of training images.
        step: Steps made before, counted over the whole run.
        batch_size: Images of one step.
        seed: Seed of the run.
    """
    epoch, place = divmod(step, steps_per_epoch(images, batch_size=batch_size))
    order = np.random.default_rng((seed, epoch)).permutation(images)
    chosen = order[place * batch_size : (place + 1) * batch_size]
    return np.repeat(chosen, 2) if len(chosen) == 1 else chosen
