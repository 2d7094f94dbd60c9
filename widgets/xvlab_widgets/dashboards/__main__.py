"""``python -m xvlab_widgets.dashboards``: serve the dashboards until a signal comes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from xvlab.errors import XvlabError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m xvlab_widgets.dashboards", description="Serve the dashboards.")
    parser.add_argument("--home", default=None, help="home folder; XVLAB_HOME or ~/.xvlab when left out")
    parser.add_argument("--host", default=None, help="address to listen on; the home's setting when left out")
    parser.add_argument("--port", type=int, default=None, help="port to listen on; the home's setting when left out")
    parser.add_argument("--api-url", default="", help="where the API answers; by the home's settings when left out")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Returns:
        The exit status: 0 after a signal, 1 when the home or its settings are not fit.
    """
    chosen = _parser().parse_args(arguments)
    try:
        from xvlab_widgets.dashboards.server import serve

        serve(home=chosen.home, host=chosen.host, port=chosen.port, api_url=chosen.api_url)
    except XvlabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
