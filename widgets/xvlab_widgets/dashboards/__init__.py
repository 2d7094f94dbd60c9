"""The dashboards: who looks at a page (:func:`visitor`, for the notebooks) and the server that shows them.

Start the server with ``python -m xvlab_widgets.dashboards --home DIR --port PORT --api-url URL``. It is a process of
its own; nothing of it is imported here, because every page's kernel imports this module.
"""

from __future__ import annotations

from xvlab_widgets.dashboards.visitor import TurnedAway, Visitor, visitor

__all__ = ["TurnedAway", "Visitor", "visitor"]
