"""``xvlab up``: the API, the worker and the dashboards on one machine, kept alive."""

from __future__ import annotations

import fcntl
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from .init import OWNER
from .options import HomeOption, opened_home
from .processes import listen
from .supervisor import Service, Supervisor

if TYPE_CHECKING:
    import httpx

    from xvlab._settings import Settings
    from xvlab.workspace import Home

PortOption = Annotated[int | None, typer.Option("--port", "-p", help="Port of the dashboards; 0 takes a free one.")]
ApiPortOption = Annotated[int | None, typer.Option("--api-port", help="Port of the API; 0 takes a free one.")]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the dashboards in a browser.")]
_READY_SECONDS = 120.0
_SIGN_IN_SECONDS = 3600.0
_TAKEOVER_SECONDS = 20.0
_TICK_SECONDS = 0.2
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a setting may say


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services listen; ``dashboards`` is ``None`` where they are not installed."""

    api: str
    dashboards: str | None


def up(
    home: HomeOption = None, port: PortOption = None, api_port: ApiPortOption = None, browser: BrowserOption = True
) -> None:
    """Start the API, the worker and the dashboards, and keep them alive until stopped."""
    stop = stop_on_signals()
    with opened_home(home) as opened:
        if not opened.accounts.list():
            print("No accounts yet; nobody could log in. Run first: xvlab init", file=sys.stderr)
        with running(opened.settings, port, api_port, stop) as (supervisor, addresses):
            announce(addresses)
            page = announce_sign_in(opened, addresses)
            if browser and page:
                webbrowser.open(page)
            keep_alive(supervisor, stop)


@contextmanager
def running(
    settings: Settings, port: int | None, api_port: int | None, stop: threading.Event
) -> Iterator[tuple[Supervisor, Addresses]]:
    """Run all services while the block runs; it is entered when they answer.

    Raises:
        ConfigurationError: A port is taken, this home is up already, or a service does not come up.
    """
    with _only_one(settings.home) as takes_over:
        patience = _TAKEOVER_SECONDS if takes_over else 0.0
        api = _free_port(settings.host, settings.api_port if api_port is None else api_port, patience)
        pages = _free_port(settings.host, settings.port if port is None else port, patience)
        host = _EVERYWHERE.get(settings.host, settings.host)
        shown = f"[{host}]" if ":" in host else host
        has_dashboards = find_spec("xvlab_widgets") is not None and find_spec("voila") is not None
        addresses = Addresses(f"http://{shown}:{api}", f"http://{shown}:{pages}/" if has_dashboards else None)
        supervisor = Supervisor(services(settings.home, addresses, api, pages), {"XVLAB_HOME": str(settings.home)})
        supervisor.start()
        try:
            _wait_until_ready(supervisor, addresses, settings.home, stop)
            yield supervisor, addresses
        finally:
            supervisor.stop()


def services(home: Path, addresses: Addresses, api_port: int, port: int) -> list[Service]:
    """Describe the processes of a home."""
    logs = home / "logs"
    xvlab = (sys.executable, "-m", "xvlab.cli")
    found = [
        Service("api", (*xvlab, "serve", "--home", str(home), "--api-port", str(api_port)), logs / "api.log"),
        Service("worker", (*xvlab, "worker", "--home", str(home)), logs / "worker.log"),
    ]
    if addresses.dashboards is not None:
        dashboards = (sys.executable, "-m", "xvlab_widgets.dashboards", "--home", str(home), "--port", str(port))
        found.append(Service("dashboards", (*dashboards, "--api-url", addresses.api), logs / "dashboards.log"))
    return found


def announce(addresses: Addresses) -> None:
    """Print where to go."""
    if addresses.dashboards is None:
        print("Dashboards: not installed. Install them with: pip install 'xvlab[voila,notebook]'")
    else:
        print(f"Dashboards: {addresses.dashboards}")
        print(f"  log in as {OWNER!r}; a new password: xvlab users password {OWNER}")
    print(f"API:        {addresses.api}/docs")
    print(f"  a token: xvlab users token {OWNER}")
    print("Stop with Ctrl-C.", flush=True)


def announce_sign_in(home: Home, addresses: Addresses) -> str:
    """Print and return an address that signs the owner in, once; empty where there is no owner or no dashboard."""
    if addresses.dashboards is None or OWNER not in {user.name for user in home.accounts.list()}:
        return ""
    from xvlab.workspace.accounts import SIGN_IN_LINK

    token = home.accounts.create_token(OWNER, name=SIGN_IN_LINK, expires_in_seconds=_SIGN_IN_SECONDS)
    link = f"{addresses.dashboards}?token={token}"
    print(f"Sign in:    {link}\n  works once, within an hour", flush=True)
    return link


def keep_alive(supervisor: Supervisor, stop: threading.Event) -> None:
    """Start again what dies, until told to stop."""
    while not stop.wait(_TICK_SECONDS):
        supervisor.tick()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


@contextmanager
def _only_one(home: Path) -> Iterator[bool]:
    """Let only one supervisor run a home; tell whether one before was killed, whose services may still be ending."""
    from xvlab.errors import ConfigurationError

    path = home / "run" / "up.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(f"xvlab is up already for {home}. End that one first.") from error
        takes_over = path.stat().st_size > 0
        file.write("running\n")
        file.flush()
        try:
            yield takes_over
        finally:
            file.truncate(0)


def _free_port(host: str, port: int, patience_seconds: float) -> int:
    """Return the port, or a free one for 0; wait for the services of a killed supervisor to let go of it."""
    from xvlab.errors import ConfigurationError

    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with listen(host, port) as listener:
                return int(listener.getsockname()[1])
        except ConfigurationError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_TICK_SECONDS)


def _wait_until_ready(supervisor: Supervisor, addresses: Addresses, home: Path, stop: threading.Event) -> None:
    from httpx import Client

    from xvlab.errors import ConfigurationError

    waiting = [f"{addresses.api}/readyz"] + ([addresses.dashboards] if addresses.dashboards else [])
    deadline = time.monotonic() + _READY_SECONDS
    with Client(trust_env=False, timeout=5.0) as client:
        while waiting and not stop.is_set():
            supervisor.tick()
            if _answers(client, waiting[0]):
                waiting.pop(0)
            elif time.monotonic() > deadline:
                raise ConfigurationError(
                    f"{waiting[0]} did not answer in {_READY_SECONDS:.0f} s. Read {home / 'logs'}."
                )
            else:
                stop.wait(_TICK_SECONDS)


def _answers(client: httpx.Client, url: str) -> bool:
    from httpx import HTTPError

    try:
        return client.get(url).status_code < 500
    except HTTPError:
        return False
