"""A server of metrics on loopback that answers what a test tells it to, and keeps what it is sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What is answered: a status, a body, after a delay in seconds."""

    body: str
    status: int = 200
    delay: float = 0.0


@dataclass
class MetricServer:
    """Answers by path; `received` are the paths and bodies of what came, in order."""

    address: str = ""
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    received: list[tuple[str, str]] = field(default_factory=list)

    def says(self, path: str, body: str, status: int = 200, delay: float = 0.0) -> None:
        """From now on this is the answer to a path (without the query)."""
        self.answers[path] = lambda: Answer(body, status, delay)

    def bodies(self, path: str) -> list[str]:
        """The bodies that were sent to a path."""
        return [body for at, body in self.received if at.split("?")[0] == path]


@contextmanager
def metric_server() -> Iterator[MetricServer]:
    """A server that lives as long as the block."""
    told = MetricServer()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            told.received.append((self.path, self.rfile.read(length).decode()))
            maker = told.answers.get(self.path.split("?")[0])
            answer = maker() if maker else Answer("not found", 404)
            time.sleep(answer.delay)
            body = answer.body.encode()
            try:
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return

        do_GET = do_POST = _answer  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128  # a monitor asks for all of its metrics at once

    server = Server(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    ).start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
