"""The folder of a trained model: what training writes, inference reads and a person takes away.

``model.safetensors`` and ``config.json`` have timm's hub format, so timm loads the folder by itself
(``timm.create_model("local-dir:FOLDER", pretrained=True)``) and another run can start from it (option ``weights``).
``preprocessing.json`` says how the model wants its images.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from xvlab.data.snapshot import SnapshotLabel
from xvlab.errors import StorageError

from .build import BuiltModel, create_network
from .preprocessing import Preprocessing, read_preprocessing

WEIGHTS_FILE, CONFIG_FILE, PREPROCESSING_FILE = "model.safetensors", "config.json", "preprocessing.json"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A model folder in memory.

    Attributes:
        network: Maps float32 ``(b, 3, s, s)`` to outputs ``(b, c)``; in evaluation mode.
        kind: Task kind.
        labels: The labels in class order.
        preprocessing: How it wants its images.
    """

    network: nn.Module
    kind: str
    labels: tuple[SnapshotLabel, ...]
    preprocessing: Preprocessing


def save_model(
    folder: Path, built: BuiltModel, state: dict[str, Tensor], *, kind: str, labels: tuple[SnapshotLabel, ...]
) -> Path:
    """Write the folder of a trained model.

    Args:
        folder: Made when missing; files in it are replaced.
        built: The network's description; its own weights are not read.
        state: The weights to write.
        kind: Task kind.
        labels: Labels in class order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    save_file(tensors, folder / WEIGHTS_FILE, metadata={"format": "pt"})
    _write_json(folder / CONFIG_FILE, _description(built, kind, labels))
    _write_json(folder / PREPROCESSING_FILE, built.preprocessing.as_dict())
    return folder


def load_model(folder: Path) -> TrainedModel:
    """Read the folder of a trained model.

    Raises:
        StorageError: A file is missing or damaged.
    """
    try:
        described = _read_json(folder / CONFIG_FILE)
        arguments = dict(described["model_args"])
        network = create_network(described["architecture"], outputs=described["num_classes"], arguments=arguments)
        network.load_state_dict(load_file(folder / WEIGHTS_FILE))
        labels = tuple(SnapshotLabel(**label) for label in described["xvlab"]["labels"])
        preprocessing = read_preprocessing(_read_json(folder / PREPROCESSING_FILE))
        return TrainedModel(network.eval(), described["xvlab"]["kind"], labels, preprocessing)
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise StorageError(
            f"{folder} is not a whole model folder ({type(error).__name__}: {error}). Fetch or train the model again."
        ) from error


def _description(built: BuiltModel, kind: str, labels: tuple[SnapshotLabel, ...]) -> dict[str, Any]:
    size = built.preprocessing.image_size
    known: dict[str, Any] = getattr(built.network, "pretrained_cfg", {})
    return {
        "architecture": built.architecture,
        "num_classes": len(labels),
        "model_args": built.arguments,
        "label_names": [label.name for label in labels],
        "pretrained_cfg": {
            **{name: known[name] for name in ("first_conv", "classifier") if name in known},
            "num_classes": len(labels),
            "input_size": [3, size, size],
            "mean": list(built.preprocessing.mean),
            "std": list(built.preprocessing.std),
            "crop_mode": "squash",
            "crop_pct": 1.0,
        },
        "xvlab": {"format_version": FORMAT_VERSION, "kind": kind, "labels": [asdict(label) for label in labels]},
    }


def _write_json(path: Path, body: dict[str, Any]) -> None:
    path.write_text(json.dumps(body, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body
