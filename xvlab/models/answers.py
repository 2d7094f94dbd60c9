"""How the outputs of a network become answers, by task kind."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from xvlab.errors import NotFoundError

Answers = Callable[[Tensor], Tensor]


def class_probabilities(outputs: Tensor) -> Tensor:
    """Turn outputs ``(b, c)`` into probabilities ``(b, c)`` whose rows sum to 1."""
    return torch.softmax(outputs.float(), dim=1)


_ANSWERS: dict[str, Answers] = {"multi_class": class_probabilities}


def answers_of(kind: str) -> Answers:
    """Return the function that turns outputs ``(b, outputs)`` into float32 answers of a task kind.

    Raises:
        NotFoundError: No model answers for this kind.
    """
    if kind not in _ANSWERS:
        raise NotFoundError(f"No model answers for the task kind {kind!r}. Choose one of: {', '.join(_ANSWERS)}.")
    return _ANSWERS[kind]
