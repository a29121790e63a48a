"""A PostgreSQL server of its own for a test: on loopback, in a folder thrown away after."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# A database writes much, and the scripts under test wait until what they write is on disk.
_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Server:
    """A server that can be stopped and started again, with all that it holds."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._prefix: list[str] = []
        # PostgreSQL refuses to run as root, so a root user (a container) starts it as `postgres`.
        if os.geteuid() == 0:
            self._prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._run("initdb", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def environment(self) -> Mapping[str, str]:
        """What libpq finds the server with."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self._port), "PGUSER": "tester"}

    def start(self) -> None:
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        )
        options += f" -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [
                *self._prefix,
                str(self._programs / program),
                "-D",
                str(self._folder / "data"),
                *arguments,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
            cwd=self._folder,
        )


@contextmanager
def serving(programs: Path) -> Iterator[Server]:
    """Starts a server, and stops it afterwards."""
    with tempfile.TemporaryDirectory(prefix="rbc-postgresql-", dir=_IN_MEMORY) as name:
        server = Server(programs, Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def running(programs: Path) -> Iterator[Mapping[str, str]]:
    """Starts a server and yields the environment that libpq finds it with."""
    with serving(programs) as server:
        yield server.environment
