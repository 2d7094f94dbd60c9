"""Trained model versions: registered once, promoted and rolled back in one atomic write, never renumbered."""

from xvlab.registry.card import CARD_FILE, CardFacts, model_card
from xvlab.registry.evaluations import EvaluationRecord, Evaluations, NewEvaluation
from xvlab.registry.fence import JobFence
from xvlab.registry.record import ModelRecord
from xvlab.registry.store import NewModel, Registry

__all__ = [
    "CARD_FILE",
    "CardFacts",
    "EvaluationRecord",
    "Evaluations",
    "JobFence",
    "ModelRecord",
    "NewEvaluation",
    "NewModel",
    "Registry",
    "model_card",
]
