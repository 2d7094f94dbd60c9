"""Training curves: loss and accuracy by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xvlab.reports.look import SERIES, styled

_CURVES = (
    ("train_loss", "training loss", False, SERIES[0]),
    ("loss", "evaluation loss", False, SERIES[1]),
    ("accuracy", "evaluation accuracy", True, SERIES[2]),
)

_NUMBERED_EPOCHS = 20


def training_curves(history: Iterable[Any]) -> go.Figure:
    """Draw the curves of a run.

    Args:
        history: One entry per epoch: a mapping with ``epoch``, ``train_loss``, ``accuracy``, ``loss``, or a dataclass
            with ``epoch``, ``train_loss`` and ``metrics``. Missing values leave gaps.
    """
    rows = [_flat(entry) for entry in history]
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    for key, name, secondary, color in _CURVES:
        epochs, values = [row.get("epoch") for row in rows], [_rounded(row.get(key)) for row in rows]
        line = go.Scatter(x=epochs, y=values, name=name, mode="lines+markers", line={"color": color, "width": 2})
        figure.add_trace(line, secondary_y=secondary)
    styled(figure, title="Training")
    figure.update_xaxes(title="epoch", dtick=1 if len(rows) <= _NUMBERED_EPOCHS else None)
    figure.update_yaxes(title="loss", rangemode="tozero", secondary_y=False)
    figure.update_yaxes(title="accuracy", tickformat=".0%", showgrid=False, secondary_y=True)
    return figure


def _flat(entry: Any) -> dict[str, Any]:
    values = asdict(entry) if is_dataclass(entry) and not isinstance(entry, type) else dict(entry)
    metrics = values.pop("metrics", None)
    return {**values, **metrics} if isinstance(metrics, Mapping) else values


def _rounded(value: Any) -> float | None:
    return None if value is None else float(f"{value:.5g}")
