"""Ways to start the runner of an attempt; the rows and the runner are the same for all."""

from xvlab.jobs.launchers.base import Launcher
from xvlab.jobs.launchers.local import LocalLauncher

__all__ = ["Launcher", "LocalLauncher"]
