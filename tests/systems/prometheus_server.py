"""A real Prometheus on loopback, in a folder of its own, that scrapes an exporter which a test drives."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

from tests.needing import where
from tests.runtime.metric_server import MetricServer, metric_server

CONFIGURATION = """
global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}
scrape_configs:
  - job_name: shop
    static_configs: [{{ targets: ["{target}"] }}]
"""


class Prometheus:
    """A server that can be stopped and started again, with the same port and data."""

    def __init__(self, folder: Path, exporter: MetricServer) -> None:
        self.folder = folder
        self.exporter = exporter
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        target = exporter.address.removeprefix("http://")
        (folder / "prometheus.yml").write_text(CONFIGURATION.format(target=target))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = where("prometheus")
        assert program is not None
        self.process = subprocess.Popen(
            [
                program,
                f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.folder}/data",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=error",
            ]
        )
        self.until("up", "1")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def exposes(self, text: str, status: int = 200) -> None:
        """From now on this is what the exporter says."""
        self.exporter.says("/metrics", text, status)

    def until(self, query: str, value: str) -> None:
        """Waits until Prometheus itself answers so."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with (
                suppress(OSError, HTTPException),
                closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection,
            ):
                connection.request("GET", f"/api/v1/query?query={quote(query)}")
                if f',"{value}"]' in connection.getresponse().read().decode():
                    return
            time.sleep(0.05)
        raise AssertionError(f"Prometheus does not say {query} = {value}")


@contextmanager
def prometheus_server(folder: Path) -> Iterator[Prometheus]:
    """A server that scrapes, for as long as the block."""
    with metric_server() as exporter:
        server = Prometheus(folder, exporter)
        server.exposes("error_ratio 0\n")
        try:
            server.start()
            yield server
        finally:
            server.stop()
