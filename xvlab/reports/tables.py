"""HTML tables of a run; every text is escaped, because label names come from people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from xvlab.data.snapshot import SPLITS, Snapshot

Cell = str | int | float | None
_MAIN_PACKAGES = ("torch", "torchvision", "timm", "numpy", "papermill", "scikit-learn")


def table_html(header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> str:
    """Write a table; numbers stand right, floats have four digits, ``None`` is a dash."""
    head = "".join(f"<th>{escape(str(cell))}</th>" for cell in header)
    body = "".join("<tr>" + "".join(map(_cell_html, row)) + "</tr>" for row in rows)
    return f'<table class="xvlab-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def snapshot_html(snapshot: Snapshot, *, task: str) -> str:
    """Tell what is trained on: task, hash, and the number of images of each label in each split."""
    counted = Counter((label_id, item.split) for item in snapshot.items for label_id in item.label_ids)
    rows: list[list[Cell]] = [
        [label.name, *(counted[label.id, split] for split in SPLITS)] for label in snapshot.labels
    ]
    counts = snapshot.counts()
    facts = (
        f"<p>Task <b>{escape(task)}</b> (<code>{escape(snapshot.kind)}</code>), snapshot "
        f"<code>{snapshot.sha256}</code>, split seed {snapshot.seed}.</p>"
    )
    return facts + table_html(["label", *SPLITS], [*rows, ["all", *(counts[split] for split in SPLITS)]])


def parameters_html(parameters: Mapping[str, Any]) -> str:
    """List options and their values."""
    return table_html(["option", "value"], [[name, str(value)] for name, value in parameters.items()])


def environment_html(facts: Mapping[str, Any]) -> str:
    """Tell what the run depended on; the list of all packages is folded."""
    shown = ("xvlab", "git_commit", "python", "platform", "cpu", "cores", "threads", "notebook_sha256")
    packages: Mapping[str, str] = facts.get("packages", {})
    rows = [[name, str(facts.get(name) or "-")] for name in shown]
    rows += [[name, packages[name]] for name in _MAIN_PACKAGES if name in packages]
    listed = escape(" ".join(f"{name}=={version}" for name, version in packages.items()))
    folded = f"<details><summary>All {len(packages)} packages</summary><p><small>{listed}</small></p></details>"
    return table_html(["", ""], rows) + folded


def _cell_html(value: Cell) -> str:
    if value is None:
        return "<td>&ndash;</td>"
    if isinstance(value, str):
        return f'<td style="text-align:left">{escape(value)}</td>'
    text = f"{value:.4f}" if isinstance(value, float) else str(value)
    return f'<td style="text-align:right">{text}</td>'
