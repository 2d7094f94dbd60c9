"""Mend a hang of nbclient: a cell that fills an Output widget while it runs may never be seen to end.

nbclient sends the widget's state through a shadow of the asyncio socket, which swallows the edge-triggered event of
the execute reply (https://github.com/jupyter/nbclient/issues/312, https://github.com/voila-dashboards/voila/issues/1428).
Asking the socket to look again after each such message makes the reply be read.
"""

from __future__ import annotations

from typing import Any

from nbclient import output_widget


class _MendedOutputWidget(output_widget.OutputWidget):
    def _publish_msg(self, *arguments: Any, **keywords: Any) -> None:
        super()._publish_msg(*arguments, **keywords)
        look_again = getattr(self.kernel_client.shell_channel.socket, "_schedule_remaining_events", None)
        if look_again is not None:  # a private name of pyzmq: without it the page works as before, hang included
            look_again()


def mend_output_widgets() -> None:
    """Make every later nbclient in this process use the mended class."""
    from nbclient import client

    if hasattr(client, "OutputWidget"):
        client.OutputWidget = _MendedOutputWidget
