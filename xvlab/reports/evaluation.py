"""What an evaluation measured: table, confusion matrix, reliability."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import plotly.graph_objects as go

from xvlab.reports.look import SERIES, styled
from xvlab.reports.tables import Cell, table_html

_FIGURES = (
    ("count", "images"),
    ("accuracy", "accuracy"),
    ("top_3_accuracy", "accuracy of the first three"),
    ("precision_macro", "precision, mean of labels"),
    ("recall_macro", "recall, mean of labels"),
    ("f1_macro", "F1, mean of labels"),
    ("f1_weighted", "F1, mean of images"),
    ("log_loss", "log loss"),
    ("ece", "calibration error"),
)
_WRITTEN_CELLS = 20
_PIXELS_PER_LABEL = 28


def metrics_html(metrics: Mapping[str, Any]) -> str:
    """Write the figures of both splits and those of each label as HTML tables.

    Args:
        metrics: As ``xvlab.metrics.evaluate_classification`` returns them; a split that is ``None`` is left out.
    """
    splits = {name: metrics[name] for name in ("evaluation", "test") if metrics.get(name)}
    if not splits:
        return "<p>No evaluation and no test images: nothing was measured. Label more images.</p>"
    rows = [[title, *(split.get(key) for split in splits.values())] for key, title in _FIGURES]
    parts = [table_html(["", *splits], rows)]
    for name, split in splits.items():
        parts.append(f"<h4>Labels, {escape(name)} images</h4>")
        parts.append(table_html(["label", "precision", "recall", "F1", "images"], _label_rows(split)))
    return "".join(parts)


def confusion_matrix_figure(split: Mapping[str, Any], *, title: str = "Confusion matrix") -> go.Figure:
    """Draw one split's confusion matrix: a row per true label, shares of the row as colour, counts as text.

    Args:
        split: One split of the metrics, with ``confusion_matrix`` (rows are true labels) and ``per_label``.
        title: Heading of the figure.
    """
    counts = split["confusion_matrix"]
    names = _unique([label["name"] for label in split["per_label"]])
    shares = [[round(count / max(1, sum(row)), 4) for count in row] for row in counts]
    heatmap = go.Heatmap(
        z=shares,
        x=names,
        y=names,
        customdata=counts,
        zmin=0,
        zmax=1,
        colorscale=[[0.0, "rgba(76,120,216,0.04)"], [1.0, SERIES[0]]],
        xgap=1,
        ygap=1,
        hovertemplate="%{y} predicted as %{x}: %{customdata} (%{z:.1%})<extra></extra>",
        text=[[str(count or "") for count in row] for row in counts],
        texttemplate="%{text}" if len(names) <= _WRITTEN_CELLS else None,
        colorbar={"title": "share", "tickformat": ".0%"},
    )
    height = min(900, max(380, 160 + _PIXELS_PER_LABEL * len(names)))
    figure = styled(go.Figure(heatmap), title=title, height=height)
    figure.update_xaxes(title="predicted", type="category", showgrid=False, automargin=True)
    figure.update_yaxes(title="true", type="category", autorange="reversed", showgrid=False, automargin=True)
    return figure


def reliability_figure(split: Mapping[str, Any], *, title: str = "Reliability") -> go.Figure:
    """Draw how often the model is right at each confidence; on the diagonal the two agree.

    Args:
        split: One split, with ``ece`` and ``reliability``: bins of ``confidence``, ``accuracy``, ``count``.
        title: Heading of the figure.
    """
    bins = [one for one in split["reliability"] if one["count"]]
    bars = go.Bar(
        x=[round(one["confidence"], 4) for one in bins],
        y=[round(one["accuracy"], 4) for one in bins],
        customdata=[one["count"] for one in bins],
        width=0.05,
        marker={"color": SERIES[0]},
        name="measured",
        hovertemplate="confidence %{x:.2f}, right %{y:.1%} of %{customdata} images<extra></extra>",
    )
    diagonal = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", name="ideal", line={"color": SERIES[1], "dash": "dot"})
    ece = split.get("ece")
    titled = title if ece is None else f"{title} (calibration error {ece:.3f})"
    figure = styled(go.Figure([bars, diagonal]), title=titled)
    figure.update_xaxes(title="confidence", range=[0, 1.03])
    figure.update_yaxes(title="share of right answers", range=[0, 1.03], tickformat=".0%")
    return figure


def _label_rows(split: Mapping[str, Any]) -> list[list[Cell]]:
    keys = ("name", "precision", "recall", "f1", "support")
    return [[label.get(key) for key in keys] for label in split["per_label"]]


def _unique(names: list[str]) -> list[str]:
    """Escape names, which plotly would read as markup, and number equal ones, which it would draw as one row."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        shown = name if seen[name] == 1 else f"{name} ({seen[name]})"
        unique.append(escape(shown, quote=False))
    return unique
