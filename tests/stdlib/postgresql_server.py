"""A PostgreSQL server of its own for a test: on a socket in a temporary folder, thrown away after."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PLACES = (Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"), Path("/opt/homebrew/opt"))


def server_programs() -> Path | None:
    """The folder that holds `initdb` and `pg_ctl`, or None where no server is installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    inner = (path.parent for place in _PLACES for path in place.glob("**/bin/initdb"))
    return max(inner, default=None)


@contextmanager
def running(programs: Path, folder: Path) -> Iterator[Mapping[str, str]]:
    """Starts a server and yields the environment that libpq finds it with; stops it afterwards."""
    data, socket = folder / "data", folder / "socket"
    socket.mkdir()
    # PostgreSQL refuses to run as root, so a root user (a container) lends the files to another.
    prefix: list[str] = []
    if os.geteuid() == 0:
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for parent in (folder, *folder.parents):
            if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o005 != 0o005:
                parent.chmod(parent.stat().st_mode | 0o055)
        shutil.chown(folder, "postgres")
        shutil.chown(socket, "postgres")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*prefix, str(programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
            cwd=folder,
        )

    run("initdb", "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={socket} -c fsync=off"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield {"PGHOST": str(socket), "PGUSER": "tester"}
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
