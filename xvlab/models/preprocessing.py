"""From decoded pixels to the input of a model: the same steps in training and in inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from xvlab.data.images import decode_rgb
from xvlab.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a model wants its images.

    The whole image is resized to a square, whatever its shape: nothing at its edges is ever cut off. The distortion is
    inside what training varies (medium augmentation changes the aspect ratio by up to 4:3).

    Attributes:
        image_size: Side in pixels.
        mean: Mean of red, green, blue, for values in [0, 1].
        std: Standard deviation of red, green, blue, for values in [0, 1].
    """

    image_size: int
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-able fields."""
        return asdict(self)

    def resize(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Resize uint8 ``(h, w, 3)`` to ``(image_size, image_size, 3)``."""
        side = self.image_size
        height, width = rgb.shape[:2]
        if (height, width) == (side, side):
            return rgb
        way = cv2.INTER_AREA if height * width > side * side else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(rgb, (side, side), interpolation=way), dtype=np.uint8)

    def decode(self, image: bytes | NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Decode and resize one image.

        Args:
            image: Encoded bytes, or uint8 pixels ``(h, w, 3)`` in RGB order.

        Raises:
            ImageRejectedError: The bytes are not an image that is taken in.
            InvalidInputError: The array has another shape or type.
        """
        if isinstance(image, bytes):
            return self.resize(decode_rgb(image))
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise InvalidInputError(
                f"Expected encoded bytes or a uint8 array (h, w, 3), got {image.dtype} {image.shape}. "
                "Convert it to RGB."
            )
        return self.resize(image)

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """Turn uint8 or float pixels in [0, 255], ``(b, 3, h, w)``, into the float32 input of the model."""
        mean = torch.tensor(self.mean, device=pixels.device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.std, device=pixels.device).view(1, 3, 1, 1) * 255
        return pixels.float().sub_(mean).div_(std) if pixels.dtype == torch.uint8 else (pixels - mean) / std


def read_preprocessing(body: Mapping[str, Any]) -> Preprocessing:
    """Read what :meth:`Preprocessing.as_dict` wrote.

    Raises:
        InvalidInputError: A field is missing or has a wrong type.
    """
    try:
        return Preprocessing(int(body["image_size"]), _triple(body["mean"]), _triple(body["std"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(f"preprocessing.json is damaged ({error}). Export the model again.") from error


def _triple(values: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
