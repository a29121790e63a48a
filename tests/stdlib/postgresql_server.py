"""A PostgreSQL server of its own for a test: on a socket in a folder thrown away after."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(programs: Path) -> Iterator[Mapping[str, str]]:
    """Starts a server and yields the environment that libpq finds it with; stops it afterwards.

    PostgreSQL refuses to run as root, so a root user (a container) starts it as `postgres`.
    """
    with tempfile.TemporaryDirectory(prefix="rbc-postgresql-") as name:
        folder = Path(name)
        prefix: list[str] = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [*prefix, str(programs / program), *arguments],
                check=True,
                stdout=subprocess.DEVNULL,
                timeout=60,
                cwd=folder,
            )

        data = str(folder / "data")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield {"PGHOST": str(folder), "PGUSER": "tester"}
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
