"""The kinds of problem, the model presets and the training options: plain data."""

from xvlab.tasks.config import TrainConfig
from xvlab.tasks.kinds import TaskKind, kinds, register_kind, task_kind
from xvlab.tasks.multi_class import MULTI_CLASS
from xvlab.tasks.presets import PRESETS, ModelPreset, find_preset, preset_names

__all__ = [
    "MULTI_CLASS",
    "PRESETS",
    "ModelPreset",
    "TaskKind",
    "TrainConfig",
    "find_preset",
    "kinds",
    "preset_names",
    "register_kind",
    "task_kind",
]
