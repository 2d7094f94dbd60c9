"""Where and in which number format a model runs."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

import torch

from xvlab.errors import ConfigurationError

_TYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of a name: ``auto`` (CUDA where there is one), ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        ConfigurationError: The device is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigurationError(
            f"Expected {name}, found {torch.cuda.device_count()} CUDA devices. Choose device auto."
        )
    return device


def choose_precision(name: str, device: torch.device) -> str:
    """Return ``float32``, ``bfloat16`` or ``float16``; ``auto`` is float32 on a CPU.

    On the CPUs tried (AVX-512 without AMX), training convolutions in bfloat16 took ten times as long as in float32.

    Raises:
        ConfigurationError: float16 was asked for on a CPU.
    """
    if name == "float16" and device.type == "cpu":
        raise ConfigurationError("float16 needs a GPU, got device cpu. Choose precision auto.")
    if name != "auto":
        return name
    if device.type == "cpu":
        return "float32"
    return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"


def mixed_precision(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which a forward pass runs in ``precision``."""
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=_TYPES[precision])
