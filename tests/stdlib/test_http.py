"""The HTTP module talks to a real server, and takes no error for an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rbdsl.model.plan import Plan
from tests.stdlib.stepping import Bench, plan_of

CALLS = """
step ask "Ask" m.request(method: "POST", url: "${base}/activate", header: "X-Key: ${key}")
step send "Send" m.send_file(
  method: "PUT", url: "${base}/flow", file: "flow.json", header: "X-Key: ${key}"
)
step refused "Refused" m.request(method: "POST", url: "${base}/refused")
"""

CHECKS = """
check well "Well" m.healthy(url: "${base}/well")
check ill "Ill" m.healthy(url: "${base}/ill")
check empty "Empty" m.healthy(url: "${base}/empty")
check broken "Broken" m.healthy(url: "${base}/refused")
check there "There" m.answers(url: "${base}/well")
check gone "Gone" m.answers(url: "${base}/refused")
"""


class Received:
    """What came in: method, path, the key in the header, the body."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str | None, bytes]] = []


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def bench(tmp_path: Path, received: Received) -> Iterator[Bench]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            received.requests.append((self.command, self.path, self.headers.get("X-Key"), body))
            answers = {"/well": {"status": "healthy"}, "/ill": {"status": "degraded"}}
            # An error that looks healthy: only its status tells.
            status = 503 if self.path == "/refused" else 200
            found = {"status": "healthy"} if status == 503 else answers.get(self.path, {})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        # The names that the base class looks for.
        do_GET = do_POST = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        yield Bench(tmp_path, {"no_proxy": "*"}, {"base": base, "key": "not-shown"})
        server.shutdown()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of("http", CALLS, CHECKS, 'let base = "http://localhost"\nsecret key')


def test_a_request_carries_its_method_and_header(
    bench: Bench, plan: Plan, received: Received
) -> None:
    bench.run(plan, "ask")
    assert received.requests == [("POST", "/activate", "not-shown", b"")]


def test_a_file_is_sent_byte_for_byte(bench: Bench, plan: Plan, received: Received) -> None:
    document = '{"a":  "é\\n"}\n\n'.encode()
    (bench.folder / "flow.json").write_bytes(document)
    bench.run(plan, "send")
    assert received.requests == [("PUT", "/flow", "not-shown", document)]


def test_a_status_of_400_or_more_is_a_failure(bench: Bench, plan: Plan) -> None:
    refused = next(s for s in plan.phases[0].steps if s.name.text == "refused")
    assert bench.shell(refused.run, refused.bindings).returncode != 0


def test_only_the_wanted_answer_is_healthy(bench: Bench, plan: Plan) -> None:
    assert plan.verification is not None
    passed = {c.name.text for c in plan.verification.checks if bench.passes(c)}
    assert passed == {"well", "there"}
