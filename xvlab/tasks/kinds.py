"""The registry of task kinds. A new kind is one module that makes a :class:`TaskKind`, and one line in ``__init__``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from xvlab.errors import AlreadyExistsError, NotFoundError

from .config import TrainConfig


@dataclass(frozen=True, slots=True)
class TaskKind:
    """One kind of problem, described without a line of code that learns.

    Attributes:
        name: Stable name, for example ``multi_class``.
        title: What a person reads in a list.
        description: One sentence on when to choose it.
        label_kind: Kind of the labels that such a task may hold.
        widget: Name of the annotation widget in ``xvlab_widgets``.
        answer: Format of one answer: ``scores`` is one probability per label, ``value`` a number.
        best_metric: Metric of the evaluation images by which the best epoch is chosen.
        best_is_highest: Whether a higher value of that metric is better.
        defaults: Fields of :class:`TrainConfig` that differ from its defaults for this kind.
    """

    name: str
    title: str
    description: str
    label_kind: str
    widget: str
    answer: str
    best_metric: str
    best_is_highest: bool
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def default_config(self) -> TrainConfig:
        """Return the options a new task of this kind starts with."""
        return TrainConfig(**self.defaults)


_KINDS: dict[str, TaskKind] = {}


def register_kind(kind: TaskKind) -> TaskKind:
    """Add a kind to the registry.

    Raises:
        AlreadyExistsError: A kind with this name is registered.
    """
    if kind.name in _KINDS:
        raise AlreadyExistsError(f"A task kind {kind.name!r} is registered. Give the new one another name.")
    _KINDS[kind.name] = kind
    return kind


def kinds() -> Mapping[str, TaskKind]:
    """Return all kinds by name, in order of registration."""
    return MappingProxyType(_KINDS)


def task_kind(name: str) -> TaskKind:
    """Return one kind.

    Raises:
        NotFoundError: No kind has this name.
    """
    if name not in _KINDS:
        raise NotFoundError(f"No task kind is called {name!r}. Choose one of: {', '.join(_KINDS)}.")
    return _KINDS[name]
