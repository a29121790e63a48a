"""A Redis server of its own for a test, on loopback, that asks for a password."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.systems.place import eventually

PASSWORD = "not-shown-in-any-list"  # noqa: S105  # of a server that lives as long as the test


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving() -> Iterator[int]:
    """Starts a server and yields its port; stops it afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="rbc-redis-") as folder:
        # On standard input, since what is on a command line is in the list of processes.
        settings = f"port {port}\nbind 127.0.0.1\ndir {folder}\nsave ''\nrequirepass {PASSWORD}\n"
        with subprocess.Popen(
            ["redis-server", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as server:
            assert server.stdin is not None
            server.stdin.write(settings)
            server.stdin.close()
            try:
                eventually(lambda: ask(port, "ping") == "PONG", "Redis answers")
                yield port
            finally:
                server.kill()


def ask(port: int, *words: str, database: int = 0, text: str = "") -> str:
    return subprocess.run(
        ["redis-cli", "-p", str(port), "-n", str(database), *words],
        env={**os.environ, "REDISCLI_AUTH": PASSWORD},
        input=text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    ).stdout.strip()
