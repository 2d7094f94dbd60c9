"""The common look of all figures: readable on light and dark pages, small in the notebook."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

SERIES = ("#4c78d8", "#e07b39", "#3a9d6e", "#b0579b")
_GRID = "rgba(128,128,128,0.25)"
_INK = "#7d8590"


def styled(figure: go.Figure, *, title: str, height: int = 380, **layout: Any) -> go.Figure:
    """Give a figure the common look; plotly's 7 KB default template is left out."""
    figure.update_layout(
        template="none",
        title={"text": title, "x": 0.02, "font": {"size": 15}},
        height=height,
        margin={"l": 60, "r": 24, "t": 48, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": _INK, "family": "system-ui, sans-serif"},
        colorway=list(SERIES),
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": _GRID, "activecolor": _INK},
        legend={"orientation": "h", "y": -0.2},
        **layout,
    )
    figure.update_xaxes(gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(gridcolor=_GRID, zeroline=False)
    return figure
