"""Our papermill engine: progress by a MIME type, few saves, a kernel of this very interpreter over private sockets.

papermill loads this module through its entry point ``xvlab`` while it is imported itself, so nothing of xvlab
imports it; get the engine by name from papermill.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager
from papermill.log import logger
from traitlets import Any as AnyTrait
from traitlets.config import Config

from xvlab.jobs.progress import PROGRESS_MIME

_SECONDS_BETWEEN_SAVES = 5.0
_AUTOSAVE_SECONDS = 15
_KERNEL_START_SECONDS = 300


class InterpreterKernelManager(AsyncKernelManager):
    """Starts ipykernel with this interpreter, whatever kernel specs are installed."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel of ``sys.executable``; ``-P`` keeps the working folder off its import path."""
        command = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


class ProgressClient(PapermillNotebookClient):
    """Hands progress messages on instead of storing them in the notebook, and tells the kernel's process id."""

    on_progress = AnyTrait()
    on_kernel = AnyTrait()

    def start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel and tell its process id."""
        super().start_new_kernel(**kwargs)
        self.on_kernel(self.km.provisioner.pid)

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take a message of the kernel."""
        if msg["msg_type"] == "display_data" and PROGRESS_MIME in msg["content"]["data"]:
            self.on_progress(msg["content"]["data"][PROGRESS_MIME])
            self.nb_man.autosave_cell()
            return None
        return super().process_message(msg, cell, cell_index)


class RareSaves(NotebookExecutionManager):
    """Saves every few seconds at most, where papermill writes everything twice per cell; the end always saves."""

    def save(self, **kwargs: Any) -> None:
        """Save if the last save is some time ago or the notebook just ended."""
        waited = (self.now() - self.last_save_time).total_seconds()
        if self.end_time is not None or waited >= _SECONDS_BETWEEN_SAVES:
            super().save(**kwargs)


class ProgressEngine(Engine):
    """The engine named ``xvlab``."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, output_path: str | None = None, **kwargs: Any) -> Any:
        """Execute a notebook; see :class:`papermill.engines.Engine`."""
        manager = RareSaves(
            nb,
            output_path=output_path,
            progress_bar=False,
            autosave_cell_every=_AUTOSAVE_SECONDS,
        )
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **kwargs)
        finally:
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        on_progress: Callable[[dict[str, Any]], None],
        on_kernel: Callable[[int], None],
        socket_folder: Path,
        stdout_file: Any = None,
        stderr_file: Any = None,
        **_unused: Any,
    ) -> None:
        """Run the cells in a kernel whose sockets lie in ``socket_folder``."""
        sockets = {"transport": "ipc", "ip": str(socket_folder / "k"), "connection_file": str(socket_folder / "c.json")}
        ProgressClient(
            nb_man,
            kernel_manager_class=InterpreterKernelManager,
            config=Config({"InterpreterKernelManager": sockets}),
            kernel_name=kernel_name,
            timeout=None,
            startup_timeout=_KERNEL_START_SECONDS,
            log=logger,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            on_progress=on_progress,
            on_kernel=on_kernel,
        ).execute()
