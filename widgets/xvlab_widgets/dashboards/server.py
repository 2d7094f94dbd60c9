"""The dashboards' server: a standalone Voilà, hardened, with sign-in by the home's accounts.

Standalone on purpose: as an extension of a Jupyter server, Voilà would run code that a browser sends.
"""

from __future__ import annotations

import os
from typing import Any

from tornado.web import ErrorHandler
from traitlets import Any as AnyTrait
from traitlets.config import Config
from voila.app import Voila
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from xvlab._resources import resource_folder
from xvlab._settings import Settings
from xvlab.errors import ConfigurationError
from xvlab.workspace import Home, open_home
from xvlab_widgets.dashboards.identity import AccountIdentity
from xvlab_widgets.dashboards.kernel import PageKernels
from xvlab_widgets.dashboards.nbclient_hang import mend_output_widgets
from xvlab_widgets.dashboards.pages import (
    USER_HEADER,
    FrontDoorHandler,
    HealthHandler,
    KernelOwners,
    OwnedKernelHandler,
    OwnedKernelWebsocketHandler,
    PageHandler,
    ShutdownHandler,
)
from xvlab_widgets.dashboards.sessions import SessionHandler

_LAB_EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
    "jupyterlab-plotly",
]
_KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
_NOT_SERVED = (TornadoVoilaTreeHandler, VoilaContentsHandler, TornadoVoilaHandler, AllowListFileHandler)
_CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Voilà's page and anywidget's modules need all three
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self' data: blob:",
        "frame-src 'self' data: blob:",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    ]
)
_PAGE_FAILED = "This page could not be shown. Reload it; if it fails again, tell the person who runs xvlab."


class DashboardServer(Voila):
    """Voilà with our look, our sign-in and only the routes that the dashboards need."""

    home: Home = AnyTrait(help="The open home whose accounts sign in.")

    def setup_template_dirs(self) -> None:
        """Put our templates before Voilà's; both in a checkout and in a wheel."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(resource_folder("templates") / "voila" / "xvlab"))

    def init_settings(self) -> dict[str, Any]:
        """Add what our handlers ask for."""
        settings: dict[str, Any] = super().init_settings()
        settings["kernel_owners"] = KernelOwners(self.kernel_manager)
        settings["page_names"] = {path.name for path in resource_folder("voila_apps").glob("*.ipynb")}
        settings["workspace_names"] = self._workspace_names
        return settings

    def init_handlers(self) -> list[Any]:
        """Our routes first, Voilà's after them, less those that list or serve files."""
        page = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        ours = [
            (r"/", FrontDoorHandler),
            (r"/healthz", HealthHandler),
            (r"/voila/templates/(?![\w-]+/static/).*", ErrorHandler, {"status_code": 404}),
            (r"/session", SessionHandler),
            (rf"/api/kernels/{_KERNEL}", OwnedKernelHandler),
            (rf"/api/kernels/{_KERNEL}/channels", OwnedKernelWebsocketHandler),
            (r"/voila/api/shutdown/(.*)", ShutdownHandler),
            (r"/voila/render/(.*)", PageHandler, page),
        ]
        return ours + [rule for rule in super().init_handlers() if rule[1] not in _NOT_SERVED]

    def _workspace_names(self, user_name: str) -> list[str]:
        accounts = self.home.accounts
        user = accounts.get(user_name)
        return [space.name for space in self.home.workspaces() if accounts.may(user, space.id, "read")]


def serve(*, home: str | None = None, host: str | None = None, port: int | None = None, api_url: str = "") -> None:
    """Serve the dashboards of a home until SIGINT or SIGTERM.

    Args:
        home: Home folder; ``None`` takes ``XVLAB_HOME`` or ``~/.xvlab``.
        host: Address to listen on; ``None`` takes the setting.
        port: Port to listen on; ``None`` takes the setting.
        api_url: Where the API answers; empty takes the settings.

    Raises:
        ConfigurationError: The home is not fit or the port is taken.
    """
    with open_home(home) as opened:
        settings = opened.settings
        host = host or settings.host
        port = settings.port if port is None else port
        _tell_kernels(settings, host=host, api_url=api_url or f"http://{settings.host}:{settings.api_port}")
        mend_output_widgets()
        server = DashboardServer(config=server_config(opened, host=host, port=port), home=opened)
        server.initialize([])
        try:
            server.start()
        except SystemExit as error:
            raise ConfigurationError(f"Port {port} of {host} is taken. Choose another with --port.") from error


def server_config(home: Home, *, host: str, port: int) -> Config:
    """Everything Voilà is told, in one place."""
    settings = home.settings
    config = Config()
    config.Voila.update(
        ip=host,
        port=port,
        port_retries=0,
        open_browser=False,
        config_file_paths=[],
        root_dir=str(resource_folder("voila_apps")),
        cookie_secret=home.accounts.secret_key.digest("session cookies", "dashboards").encode(),
        identity_provider_class=AccountIdentity,
        tornado_settings={
            "headers": {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Referrer-Policy": "same-origin"},
            "xsrf_cookie_kwargs": {"samesite": "Lax"},
        },
    )
    config.VoilaConfiguration.update(
        template="lab",
        allow_template_override="NO",
        allow_theme_override="NO",
        show_tracebacks=False,
        file_allowlist=[],
        http_header_envs=[USER_HEADER],
        kernel_spec_manager_class=PageKernels,
        extension_allowlist=_LAB_EXTENSIONS,
        preheat_kernel=settings.preheated_kernels > 0,
        default_pool_size=settings.preheated_kernels,
    )
    config.KernelManager.transport = "ipc"
    config.NotebookNotary.update(db_file=":memory:", secret=b"our own notebooks")  # else it writes into ~/.local
    config.VoilaExecutor.cell_error_instruction = _PAGE_FAILED
    config.MappingKernelManager.update(
        cull_idle_timeout=settings.kernel_idle_seconds, cull_interval=min(60, settings.kernel_idle_seconds)
    )
    return config


def _tell_kernels(settings: Settings, *, host: str, api_url: str) -> None:
    """Kernels inherit this process's environment; more threads and heaps would only cost them memory."""
    os.environ["XVLAB_HOME"] = str(settings.home)
    os.environ["XVLAB_API_URL"] = api_url
    os.environ["IPYTHONDIR"] = str(settings.home / "ipython")  # nobody's own start-up files
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"):
        os.environ.setdefault(name, "1")
    if host not in {"0.0.0.0", "::", "localhost"}:  # noqa: S104
        os.environ["VOILA_APP_IP"] = host
