"""The model card: what a stranger must know before using the weights; see ``templates/reports/model_card.md.j2``."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from xvlab._optional import require
from xvlab._resources import resource_folder
from xvlab.data.snapshot import SPLITS, Snapshot

CARD_FILE = "README.md"
_SHOWN_METRICS = ("accuracy", "precision_macro", "recall_macro", "f1_macro", "log_loss", "ece")
_SHOWN_PACKAGES = ("torch", "torchvision", "timm", "numpy", "safetensors")
# Characters by which a label's name could end its cell, start markup or open a link.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card tells.

    Attributes:
        task: Name of the task.
        snapshot: What the model was trained on.
        parameters: Resolved options.
        metrics: ``evaluation`` and ``test``, each with its figures or ``None``.
        environment: Facts of the run, see ``xvlab.jobs.environment``.
        job_id: The job that trained it.
    """

    task: str
    snapshot: Snapshot
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    environment: dict[str, Any]
    job_id: str


def model_card(facts: CardFacts) -> str:
    """Write the card as Markdown; names of people are escaped."""
    jinja2 = require("jinja2", extra="jobs")
    loader = jinja2.FileSystemLoader(resource_folder("templates") / "reports")
    environment = jinja2.Environment(
        loader=loader,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    text: str = environment.get_template("model_card.md.j2").render(
        facts=facts,
        counts=facts.snapshot.counts(),
        labels=_label_counts(facts.snapshot),
        splits=SPLITS,
        measured={split: facts.metrics.get(split) for split in ("evaluation", "test") if facts.metrics.get(split)},
        shown=_SHOWN_METRICS,
        packages={name: facts.environment["packages"].get(name, "") for name in _SHOWN_PACKAGES},
    )
    return text


def escape_markdown(text: object) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def _label_counts(snapshot: Snapshot) -> list[tuple[str, dict[str, int]]]:
    """Return the name of each label and its number of images in each split."""
    counted = Counter((label_id, item.split) for item in snapshot.items for label_id in item.label_ids)
    return [(label.name, {split: counted[label.id, split] for split in SPLITS}) for label in snapshot.labels]
