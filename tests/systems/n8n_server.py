"""An n8n that knows one workflow, over real HTTP: as particular about what it takes as n8n is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "not-shown-key"
WORKFLOW = "aW4kQ2bT9xLmE7rZ"
TAKEN = {"name", "nodes", "connections", "settings"}


class N8n:
    """What it holds, what it was asked, and how it misbehaves."""

    def __init__(self) -> None:
        self.workflow: dict[str, Any] = {
            "id": WORKFLOW,
            "active": True,
            "createdAt": "2025-11-01T00:00:00Z",
            "updatedAt": "2025-12-01T00:00:00Z",
            "tags": [{"id": "1", "name": "onboarding"}],
            "name": "Customer onboarding",
            "nodes": [{"name": "Webhook", "type": "webhook"}, {"name": "Mail", "version": "4.4"}],
            "connections": {"Webhook": {"main": [[{"node": "Mail"}]]}},
            "settings": {"timezone": "Etc/UTC"},
        }
        self.requests: list[str] = []
        self.notices: list[dict[str, Any]] = []
        self.fails: set[str] = set()  # requests that are answered with 500
        self.hangs: set[str] = set()  # requests that are not answered
        self.over = threading.Event()
        self.address = ""

    def edit(self, version: str) -> None:
        """Somebody saves another version in the editor."""
        self.workflow["nodes"] = [*self.workflow["nodes"][:1], {"name": "Mail", "version": version}]

    @property
    def version(self) -> str:
        found: str = self.workflow["nodes"][-1]["version"]
        return found

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Status and document."""
        place = f"/api/v1/workflows/{WORKFLOW}"
        match method, path:
            case "GET", _ if path == place:
                return 200, self.workflow
            case "PUT", _ if path == place:
                sent = json.loads(body)
                if set(sent) != TAKEN:
                    return 400, {"message": "request/body must NOT have additional properties"}
                self.workflow |= sent
                return 200, self.workflow
            case "POST", _ if path in {f"{place}/activate", f"{place}/deactivate"}:
                self.workflow["active"] = path.endswith("/activate")
                return 200, self.workflow
            case "POST", "/webhook/customer-onboarding" if self.workflow["active"]:
                return 200, {"message": "Workflow was started"}
            case _:
                return 404, {"message": "not found"}


@contextmanager
def serving() -> Iterator[N8n]:
    n8n = N8n()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.path == "/slack":
                n8n.notices.append(json.loads(body))
                self.say(200, {})
                return
            asked = f"{self.command} {self.path.replace(f'/api/v1/workflows/{WORKFLOW}', '')}"
            n8n.requests.append(asked)
            if asked in n8n.hangs:
                n8n.over.wait(60)
                return
            if asked in n8n.fails:
                self.say(500, {"message": "the database of n8n is locked"})
            elif self.path.startswith("/api/") and self.headers.get("X-N8N-API-KEY") != KEY:
                self.say(401, {"message": "unauthorized"})
            else:
                self.say(*n8n.answer(self.command, self.path, body))

        def say(self, status: int, document: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        # The names that the base class looks for.
        do_GET = do_POST = do_PUT = do  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        n8n.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield n8n
        finally:
            n8n.over.set()
            server.shutdown()
