"""Failed images as pictures in the report: the most confident mistakes first."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape
from typing import Protocol

from xvlab.errors import NotFoundError

_MOST_SHOWN = 24


class FailedRow(Protocol):
    """What is needed of a failed image; ``xvlab.metrics.failed_images`` returns such."""

    @property
    def image_id(self) -> str:
        """Id of the image."""

    @property
    def split(self) -> str:
        """``evaluation`` or ``test``."""

    @property
    def true_index(self) -> int:
        """Index of the label that people gave."""

    @property
    def predicted_index(self) -> int:
        """Index of the label that the model gave."""

    @property
    def score(self) -> float:
        """Probability of the predicted label."""


def failed_images_html(
    rows: Sequence[FailedRow],
    read_thumbnail: Callable[[str], bytes],
    *,
    label_names: Sequence[str] = (),
    limit: int = _MOST_SHOWN,
) -> str:
    """Show failed images with their true and predicted labels.

    Args:
        rows: Failed images, in the order in which they are shown.
        read_thumbnail: Takes an image id, returns the bytes of a JPEG.
        label_names: Names by class index; without them the index is shown.
        limit: How many are shown at most.
    """
    if not rows:
        return "<p>No image of the evaluation and test splits failed.</p>"
    figures = "".join(_figure_html(row, read_thumbnail, label_names) for row in rows[:limit])
    shown = f"<p>{len(rows)} images failed; the {min(limit, len(rows))} most confident mistakes:</p>"
    return f'{shown}<div style="display:flex;flex-wrap:wrap;gap:12px">{figures}</div>'


def _figure_html(row: FailedRow, read_thumbnail: Callable[[str], bytes], label_names: Sequence[str]) -> str:
    true, predicted = (_name(index, label_names) for index in (row.true_index, row.predicted_index))
    try:
        data = base64.b64encode(read_thumbnail(row.image_id)).decode()
        picture = (
            f'<img src="data:image/jpeg;base64,{data}" alt="{escape(true)}" '
            'style="width:112px;height:112px;object-fit:contain;background:rgba(128,128,128,.12)">'
        )
    except NotFoundError:
        picture = '<div style="width:112px;height:112px">deleted</div>'
    caption = f"<b>{escape(true)}</b><br>taken for {escape(predicted)}<br>{row.score:.0%}, {escape(row.split)}"
    return (
        f'<figure style="margin:0;width:112px;font-size:12px" title="{escape(row.image_id)}">'
        f"{picture}<figcaption>{caption}</figcaption></figure>"
    )


def _name(index: int, label_names: Sequence[str]) -> str:
    return label_names[index] if 0 <= index < len(label_names) else f"label {index}"
