"""``xvlab serve`` and ``xvlab worker``: the long-lived processes that ``xvlab up`` starts, each usable alone."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from .options import HomeOption

PortOption = Annotated[
    int | None, typer.Option("--api-port", "--port", "-p", help="Port; XVLAB_API_PORT when not given.")
]
_SHUTDOWN_SECONDS = 5


def serve(home: HomeOption = None, api_port: PortOption = None) -> None:
    """Serve the API."""
    from xvlab._optional import require

    uvicorn = require("uvicorn", extra="api")
    require("fastapi", extra="api")
    from xvlab.api import create_app
    from xvlab.workspace import open_home

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with open_home(home) as opened:
        port = opened.settings.api_port if api_port is None else api_port
        listener = listen(opened.settings.host, port)
        config = uvicorn.Config(
            create_app(opened),
            access_log=False,  # its lines would hold the signatures of images
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        print(f"API: http://{opened.settings.host}:{listener.getsockname()[1]}/docs", flush=True)
        uvicorn.Server(config).run(sockets=[listener])


def worker(home: HomeOption = None) -> None:
    """Run jobs until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run_worker(home, stop)


def run_worker(home: Path | None, stop: threading.Event) -> None:
    """Run jobs and give signs of life until ``stop`` is set."""
    from xvlab.jobs import Worker
    from xvlab.workspace import open_home
    from xvlab.workspace.presence import Presence

    with open_home(home) as opened, Presence(opened.settings.home).beating("worker"):
        Worker(opened.settings.home).run(stop)


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 takes a free one.

    Raises:
        ConfigurationError: The port is taken, or the address is not one of this machine.
    """
    from xvlab.errors import ConfigurationError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ConfigurationError(f"Port {port} on {host} {reason}. Choose another, or end what uses it.") from error
    listener.listen(128)
    return listener
