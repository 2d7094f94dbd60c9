"""Pretrained weights: from a local folder or from a model hub, in the hub's format (config.json, model.safetensors)."""

from __future__ import annotations

from pathlib import Path

from xvlab.errors import ConfigurationError

HUB_PREFIX = "hf-hub:"
NO_WEIGHTS = "none"
_FILES = ("config.json", "model.safetensors")


def weights_folder(weights: str, *, offline: bool = False) -> Path:
    """Return the folder that holds the weights, fetching them from the hub when they are not here.

    Args:
        weights: A folder, or a hub name such as ``hf-hub:timm/resnet18.a1_in1k``; a name of timm without prefix is
            looked for under ``timm/``.
        offline: Look into the local cache of the hub only, never ask it.

    Raises:
        ConfigurationError: The weights are not there and cannot be had.
    """
    local = Path(weights).expanduser()
    if local.is_dir():
        return _checked(local, weights)
    if weights.startswith(("/", ".", "~")):
        raise ConfigurationError(f"The folder of weights {weights} does not exist. Correct the option weights.")
    return _checked(_from_hub(weights, offline=offline), weights)


def _from_hub(weights: str, *, offline: bool) -> Path:
    from huggingface_hub import snapshot_download

    name = weights.removeprefix(HUB_PREFIX)
    repository = name if "/" in name else f"timm/{name}"
    try:
        return Path(snapshot_download(repository, allow_patterns=list(_FILES), local_files_only=offline))
    except Exception as error:
        where = "are not in the local hub cache and offline mode is on" if offline else "could not be fetched"
        raise ConfigurationError(
            f"The weights {weights} {where} ({type(error).__name__}: {str(error)[:200]}). "
            "Copy them to a folder and give its path as weights, or set weights to none to start from random ones."
        ) from error


def _checked(folder: Path, weights: str) -> Path:
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise ConfigurationError(
            f"Expected {' and '.join(_FILES)} in the weights {weights}, missing: {', '.join(missing)}. "
            "Choose weights in the hub's safetensors format."
        )
    return folder
