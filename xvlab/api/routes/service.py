"""Health and readiness, for supervisors and load balancers. No token is needed, and nothing private is told."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from xvlab._version import __version__
from xvlab.api.answers import Done, ReadyAnswer
from xvlab.errors import XvlabError
from xvlab.workspace import Home
from xvlab.workspace.presence import Presence

router = APIRouter(tags=["service"])
_log = logging.getLogger(__name__)
_PROBE_SHA256 = "0" * 64


@router.get("/healthz", summary="Tell that the process is alive")
async def healthz() -> Done:
    """Answer at once; nothing is looked at."""
    return Done()


@router.get("/readyz", summary="Tell whether database, blob store and worker can be used")
def readyz(request: Request, response: Response) -> ReadyAnswer:
    """Look at every part; 503 when the database or the blob store cannot be used."""
    home: Home = request.app.state.home
    checks = {
        "database": _checked(home.workspaces),
        "blobs": _checked(lambda: home.blobs.exists(_PROBE_SHA256)),
    }
    ready = all(state == "ok" for state in checks.values())
    response.status_code = 200 if ready else 503
    age = Presence(home.settings.home).last_beat_seconds("worker")
    checks["worker"] = "not seen" if age is None else f"seen {age:.0f} s ago"
    return ReadyAnswer(ready=ready, version=__version__, checks=checks)


def _checked(look: Callable[[], object]) -> str:
    try:
        look()
    except (XvlabError, OSError) as error:
        _log.warning("not ready: %s", error)
        return "failed"
    except Exception:  # noqa: BLE001 - a driver's own errors: the probe must answer whatever happens
        _log.exception("not ready")
        return "failed"
    return "ok"
