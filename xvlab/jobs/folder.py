"""The folder of one job: executed notebook, log, checkpoints, report."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A unix socket path holds 107 bytes; the kernel manager adds "-1" to "-5".
_LONGEST_SOCKET_PREFIX = 100


@dataclass(frozen=True, slots=True)
class JobFolder:
    """Paths of one job below ``<home>/jobs/<id>``."""

    path: Path

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.path / "output.ipynb"

    @property
    def source(self) -> Path:
        """The notebook that is executed, when it is not the shipped one."""
        return self.path / "source.ipynb"

    @property
    def log(self) -> Path:
        """Streams of the notebook and of its runner, all attempts."""
        return self.path / "log.txt"

    @property
    def run(self) -> Path:
        """Checkpoints and model of the run; it outlives an attempt."""
        return self.path / "run"

    @property
    def report(self) -> Path:
        """The executed notebook as one HTML file."""
        return self.path / "report.html"

    def make(self) -> None:
        """Make the folder and what is in it, for the owner only."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)
        self.run.mkdir(mode=0o700, exist_ok=True)

    def fresh_socket_folder(self) -> Path:
        """Make an empty 0700 folder whose path is short enough for unix sockets."""
        folder = self.path / "ipc"
        shutil.rmtree(folder, ignore_errors=True)
        if len(str(folder / "k").encode()) > _LONGEST_SOCKET_PREFIX:
            return Path(tempfile.mkdtemp(prefix="xvlab-"))
        folder.mkdir(mode=0o700)
        return folder


def job_folder(home: Path, job_id: str) -> JobFolder:
    """Return the folder of a job of a home."""
    return JobFolder(home / "jobs" / job_id)
