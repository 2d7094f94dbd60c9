"""The kernel behind a page: an IPython kernel without debugger and history.

The debugger would cost 10 MiB in every page's kernel. Started as ``python -m xvlab_widgets.dashboards.kernel -f FILE``.
"""

from __future__ import annotations

import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

_NAME = "python3"


class PageKernels(KernelSpecManager):
    """Offers the pages' kernel and no other that may be installed on this machine."""

    def find_kernel_specs(self) -> dict[str, str]:
        """The one name."""
        return {_NAME: ""}

    def get_kernel_spec(self, kernel_name: str) -> Any:
        """How to start it; the name in a notebook does not matter."""
        del kernel_name
        argv = [sys.executable, "-m", __name__, "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="xvlab page", language="python")

    def get_all_specs(self) -> dict[str, Any]:
        """The one kernel, as Voilà asks for it."""
        return {_NAME: {"resource_dir": "", "spec": self.get_kernel_spec(_NAME).to_dict()}}


def run() -> None:
    """Be the kernel until the page is closed."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # ipykernel then works without it
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(["--HistoryManager.enabled=False", *sys.argv[1:]])


if __name__ == "__main__":
    run()
