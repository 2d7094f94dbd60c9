"""Starts Debian's PostgreSQL for a test run: in a folder of its own, on a Unix socket only, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

HOW_TO_INSTALL = "no PostgreSQL server here; `apt-get install postgresql` lets the store tests run on it too"


def find_binaries() -> Path | None:
    """Return the folder of the newest initdb and postgres, or ``None``."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).parent] if on_path else [])]
    return next((path for path in candidates if (path / "initdb").exists() and (path / "pg_ctl").exists()), None)


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """Start a server and yield the query part of its URLs (``host=…&user=…``)."""
    # A Unix socket's path has at most 107 bytes, and the server's user must reach it: so not pytest's tmp_path.
    folder = Path(tempfile.mkdtemp(prefix="xvlab-pg-"))
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    data = folder / "data"
    try:
        _run(user, binaries / "initdb", "-D", data, "-U", "xvlab", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c max_connections=40"
        _run(user, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"host={folder}&user=xvlab"
        finally:
            _run(user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make an empty database on the server, yield its SQLAlchemy URL, and drop it."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(f"postgresql:///postgres?{server}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"postgresql:///{name}?{server}"
    finally:
        with psycopg.connect(f"postgresql:///postgres?{server}", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _run(user: str, *command: object) -> None:
    """Run a command as the user; PostgreSQL refuses to run as root."""
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=60, cwd="/", **as_user
    )
    assert done.returncode == 0, done.stdout + done.stderr
