"""Putting the application together."""

from __future__ import annotations

from fastapi import FastAPI

from xvlab._version import __version__
from xvlab.workspace import Home
from xvlab.workspace.throttle import FailureThrottle

from .body_limit import BodyLimitMiddleware
from .docs_page import docs_router
from .error_answers import install_error_answers
from .paths import PathMiddleware
from .routes import account, classify, images, jobs, labels, media, models, service, tasks

_DESCRIPTION = (
    "Collect and label images, train, evaluate and serve classifiers. Every request but the health checks carries "
    "`Authorization: Token …`; make a token with `xvlab users token NAME`."
)
_ROOM_FOR_OTHER_FIELDS = 1 << 20


def create_app(home: Home) -> FastAPI:
    """Build the application of one home; it opens no port and starts no process."""
    app = FastAPI(
        title="xvlab",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.home = home
    app.state.throttle = FailureThrottle(limit=60, window_seconds=60.0)
    for module in (service, account, labels, tasks, images, classify, models, jobs, media):
        app.include_router(module.router)
    app.include_router(docs_router(app))
    install_error_answers(app)
    base64_size = home.settings.max_image_bytes * 4 // 3
    app.add_middleware(BodyLimitMiddleware, max_bytes=base64_size + _ROOM_FOR_OTHER_FIELDS)
    app.add_middleware(PathMiddleware)
    return app
