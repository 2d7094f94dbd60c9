"""Measured numbers as HTML: cards for the whole, a table for the labels. Everything from outside is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from xvlab_widgets._words import percent

_CARDS = (
    ("accuracy", "Accuracy", "Share of images with the right answer"),
    ("precision_macro", "Precision", "Of what was called a label, the share that is it; mean over the labels"),
    ("recall_macro", "Recall", "Of what is a label, the share that was found; mean over the labels"),
    ("f1_macro", "F1", "Harmonic mean of precision and recall; mean over the labels"),
    ("top_3_accuracy", "Top 3", "Share of images whose label is among the first three answers"),
    ("ece", "Calibration error", "How far the scores are from the shares that are right; lower is better"),
)


def cards_html(report: Mapping[str, Any]) -> str:
    """Write the cards of one split of ``xvlab.metrics.evaluate_classification``."""
    cards = "".join(
        f'<div class="xv-stat" title="{escape(help_text)}"><dt>{name}</dt><dd>{percent(report.get(key))}</dd></div>'
        for key, name, help_text in _CARDS
    )
    count = f'<div class="xv-stat"><dt>Images</dt><dd>{int(report.get("count", 0)):,}</dd></div>'
    return f'<dl class="xv-stats">{cards}{count}</dl>'


def labels_html(report: Mapping[str, Any]) -> str:
    """Write the table of precision, recall, F1 and support per label, the weakest first."""
    rows = sorted(report.get("per_label", []), key=lambda row: (row["f1"], row["name"]))
    body = "".join(_label_row(row) for row in rows)
    names = ("Label", "Precision", "Recall", "F1", "Images")
    head = "".join(f'<th scope="col" class="{"xv-right" if name != "Label" else ""}">{name}</th>' for name in names)
    table = f'<table class="xv-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="xv-scroll-y">{table}</div>'


def _label_row(row: Mapping[str, Any]) -> str:
    numbers = "".join(f'<td class="xv-right">{percent(row[key])}</td>' for key in ("precision", "recall", "f1"))
    return f'<tr><td>{escape(str(row["name"]))}</td>{numbers}<td class="xv-right">{int(row["support"]):,}</td></tr>'
