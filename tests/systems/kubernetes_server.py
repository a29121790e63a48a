"""The API of a cluster in memory, as far as kubectl asks for it, on loopback."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.systems.kubernetes_cluster import (
    KINDS,
    Cluster,
    ConflictError,
    MissingError,
    Object,
    patched,
)

_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"]
_GROUPS = {"apps": "/apis/apps/v1", "discovery.k8s.io": "/apis/discovery.k8s.io/v1"}
_SHORT = {"deployments": ["deploy"], "services": ["svc"], "configmaps": ["cm"], "pods": ["po"]}
# Older kubectl looks for the fields of a kind here, and where it finds none lets the server judge:
# a document without paths, as Protocol Buffers: swagger "2.0", info ("k", "1"), paths.
_OPENAPI_2 = b"\x0a\x032.0\x12\x06\x0a\x01k\x12\x011\x42\x00"
_PATH = re.compile(
    r"(?P<base>/api/v1|/apis/[\w.]+/v1)/namespaces/(?P<namespace>[\w.-]+)/(?P<resource>\w+)"
    r"(?:/(?P<name>[\w.-]+)(?P<rest>(?:[:/].*)?))?"
)


class Api(ThreadingHTTPServer):
    """Serves a cluster, and misbehaves on request."""

    daemon_threads = True

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cluster = cluster
        self.asked: list[str] = []  # METHOD path, of all that changes something
        self.hangs = ""  # a method whose requests are not answered
        self.error_rate = "0.0004"  # what Prometheus would say; it is asked here too
        self._thread = threading.Thread(target=self.serve_forever, args=[0.05], daemon=True)
        self._thread.start()

    def write_configuration(self, path: Path) -> None:
        """What kubectl finds the cluster with."""
        named: dict[str, Object] = {
            "clusters": {"cluster": {"server": f"http://127.0.0.1:{self.server_port}"}},
            "users": {"user": {}},
            "contexts": {"context": {"cluster": "test", "user": "test"}},
        }
        document: Object = {"apiVersion": "v1", "kind": "Config", "current-context": "test"}
        document |= {kind: [{"name": "test", **entry}] for kind, entry in named.items()}
        path.write_text(json.dumps(document))

    def stop(self) -> None:
        with self.cluster.changed:
            self.cluster.over = True
            self.cluster.changed.notify_all()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do(self) -> None:
        where = urlsplit(self.path)
        asked = dict(parse_qsl(where.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.command != "GET":
            self.server.asked.append(f"{self.command} {where.path}")
        if self.command == self.server.hangs:
            with self.server.cluster.changed:
                self.server.cluster.changed.wait_for(lambda: self.server.cluster.over, 60)
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            try:
                self.route(where.path, asked, body)
            except MissingError as missing:
                self.refuse(404, "NotFound", f'"{missing}" not found')
            except ConflictError as conflict:
                self.refuse(409, "Conflict", f'"{conflict}" has been modified')

    # The names that the base class looks for.
    do_GET = do_PATCH = do_POST = do_PUT = do_DELETE = do  # noqa: N815

    def route(self, path: str, asked: dict[str, str], body: bytes) -> None:
        found = _PATH.fullmatch(path)
        if document := _DISCOVERY.get(path):
            self.say(document)
        elif path == "/openapi/v2":
            self.send(200, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", _OPENAPI_2)
        elif path == "/api/v1/query":
            sample = {"metric": {}, "value": [1765287000.0, self.server.error_rate]}
            self.say({"status": "success", "data": {"resultType": "vector", "result": [sample]}})
        elif (
            found is None
            or found["resource"] not in KINDS
            or found["namespace"] != self.server.cluster.namespace
        ):
            self.refuse(404, "NotFound", "the server could not find the requested resource")
        elif found["name"] is None and self.command == "POST":
            made = json.loads(body)
            self.say(
                self.server.cluster.create(found["resource"], made["metadata"]["name"], made), 201
            )
        elif found["name"] is None:
            self.collection(found["resource"], asked)
        elif found["rest"].endswith("/proxy/health"):
            self.proxied(found["name"])
        elif found["rest"] == "/log":
            self.say(f"log of {found['name']}\n")
        elif found["rest"] == "/scale":
            self.scale(found["name"], body)
        else:
            self.one(found["resource"], found["name"], asked, body)

    def collection(self, resource: str, asked: dict[str, str]) -> None:
        if asked.get("watch") in {"1", "true"}:
            self.watch(resource, asked)
            return
        cluster = self.server.cluster
        with cluster.changed:
            base = KINDS[resource]
            self.say(
                {
                    "apiVersion": base[1],
                    "kind": f"{base[2]}List",
                    "metadata": {"resourceVersion": str(len(cluster.events))},
                    "items": [o for o in cluster.list(resource) if _is_asked_for(o, asked)],
                }
            )

    def watch(self, resource: str, asked: dict[str, str]) -> None:
        cluster = self.server.cluster
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.flush()
        seen = int(asked.get("resourceVersion") or 0)
        while not cluster.over:
            with cluster.changed:
                while len(cluster.events) == seen and not cluster.over:
                    cluster.changed.wait()
                new, seen = cluster.events[seen:], len(cluster.events)
            for kind, what, told in new:
                if kind == resource and _is_asked_for(told, asked):
                    line = json.dumps({"type": what, "object": told})
                    self.wfile.write(line.encode() + b"\n")
                    self.wfile.flush()

    def one(self, resource: str, name: str, asked: dict[str, str], body: bytes) -> None:
        cluster = self.server.cluster
        if self.command == "GET":
            self.say(cluster.get(resource, name))
        elif self.command == "DELETE":
            gone = cluster.delete(resource, name)
            details = {"name": name, "kind": resource, "uid": gone["metadata"]["uid"]}
            self.say(
                {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": details}
            )
        elif self.command == "PUT":
            self.say(cluster.replace(resource, name, json.loads(body)))
        elif self.command == "PATCH" and "dryRun" not in asked:
            with cluster.changed:
                kind = self.headers["Content-Type"]
                now = patched(cluster.get(resource, name), kind, json.loads(body))
                self.say(cluster.replace(resource, name, now))
        else:
            self.refuse(405, "MethodNotAllowed", "not here")

    def scale(self, name: str, body: bytes) -> None:
        cluster = self.server.cluster
        with cluster.changed:
            deployment = cluster.get("deployments", name)
            if self.command == "PATCH":
                deployment["spec"]["replicas"] = json.loads(body)["spec"]["replicas"]
                deployment = cluster.replace("deployments", name, deployment)
        scale: Object = {"apiVersion": "autoscaling/v1", "kind": "Scale"}
        scale["metadata"] = {k: deployment["metadata"][k] for k in ("name", "namespace", "uid")}
        scale["spec"] = {"replicas": deployment["spec"]["replicas"]}
        self.say(scale)

    def proxied(self, name: str) -> None:
        """What a Service answers, where anybody stands behind it."""
        slices = self.server.cluster.list("endpointslices")
        behind = next(s for s in slices if s["metadata"]["name"] == f"{name}-x")["endpoints"]
        if any(endpoint["conditions"]["ready"] for endpoint in behind):
            self.say({"status": "healthy"})
        else:
            self.refuse(503, "ServiceUnavailable", "no endpoints available for service")

    def say(self, document: Object | str, status: int = 200) -> None:
        if isinstance(document, str):
            self.send(status, "text/plain", document.encode())
        else:
            compact = json.dumps(document, separators=(",", ":"))
            self.send(status, "application/json", compact.encode())

    def send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status: int, reason: str, message: str) -> None:
        document = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status}
        self.say({**document, "reason": reason, "message": message}, status)

    def log_message(self, *_: object) -> None:
        pass


def _is_asked_for(found: Object, asked: dict[str, str]) -> bool:
    name = asked.get("fieldSelector", "").removeprefix("metadata.name=")
    labels = dict(pair.split("=") for pair in asked.get("labelSelector", "").split(",") if pair)
    metadata = found["metadata"]
    return name in {"", metadata["name"]} and labels.items() <= metadata["labels"].items()


def _discovery() -> dict[str, Object]:
    """What kinds there are, and that fields are validated by the server."""
    found: dict[str, Object] = {
        "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/openapi/v3": {"paths": {}},
    }
    groups = []
    for name, base in _GROUPS.items():
        only = {"groupVersion": base.removeprefix("/apis/"), "version": "v1"}
        groups.append({"name": name, "versions": [only], "preferredVersion": only})
    found["/apis"] = {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    for resource, (base, version, kind) in KINDS.items():
        listed = found.setdefault(
            base, {"kind": "APIResourceList", "groupVersion": version, "resources": []}
        )
        entry = {"name": resource, "namespaced": True, "kind": kind, "verbs": _VERBS}
        listed["resources"].append({**entry, "shortNames": _SHORT.get(resource, [])})
        found["/openapi/v3"]["paths"][base[1:]] = {"serverRelativeURL": f"/openapi/v3{base}?hash=1"}
        described = found.setdefault(
            f"/openapi/v3{base}",
            {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "1"}, "paths": {}},
        )
        group = version.rpartition("/")[0]
        described["paths"][f"{base}/namespaces/{{namespace}}/{resource}/{{name}}"] = {
            "patch": {
                "parameters": [
                    {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
                ],
                "x-kubernetes-group-version-kind": {"group": group, "version": "v1", "kind": kind},
            }
        }
    found["/apis/apps/v1"]["resources"].append(
        {
            "name": "deployments/scale",
            "namespaced": True,
            "group": "autoscaling",
            "version": "v1",
            "kind": "Scale",
            "verbs": ["get", "patch", "update"],
        }
    )
    return found


_DISCOVERY = _discovery()


@contextmanager
def serving(namespace: str) -> Iterator[Api]:
    api = Api(Cluster(namespace))
    try:
        yield api
    finally:
        if not api.cluster.over:
            api.stop()
