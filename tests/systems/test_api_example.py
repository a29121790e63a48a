"""The API example takes all of its systems back at once: PostgreSQL, Redis and a cluster are real
or nearly so; the registry, the object store and the team's own scripts are stood in for.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.needing import postgresql_programs
from tests.stdlib import postgresql_server
from tests.systems import kubernetes_server, redis_server
from tests.systems.kubernetes_cluster import Cluster
from tests.systems.place import EXAMPLES, Place

pytestmark = [
    pytest.mark.needs("initdb", "psql", "redis-server", "redis-cli", "jq", "curl"),
    pytest.mark.needs("kubectl", optional=True),
]

TABLES = """
create table users (id int primary key, name text);
create table accounts (id int primary key);
create table orders (id int primary key);
create table schema_migrations (version text primary key);
insert into users select i, 'user ' || i from generate_series(1, 300) i;
insert into schema_migrations values ('20251201120000');
"""
MIGRATION = (
    "alter table users drop column name; insert into schema_migrations values ('20251209000700')"
)

RECORDING = ["docker", "aws", "create-incident"]
SCRIPTS = [
    "scripts/cache-warmup.sh",
    "scripts/compare-metrics.sh",
    "scripts/disable-rollback-monitoring.sh",
    "scripts/enable-rollback-monitoring.sh",
    "scripts/rollback-verify.sh",
    "scripts/traffic-shift.sh",
    "tests/smoke-test.sh",
]


@contextmanager
def answering() -> Iterator[str]:
    """The services' health, their metrics, and whoever is told."""

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "healthy", "value": 0.0001}')

        # The names that the base class looks for.
        do_GET = do_POST = do  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Production(Place):
    """All that the API consists of."""

    def sql(self, text: str, database: str = "production_db") -> str:
        return subprocess.run(
            ["psql", "-Xqw", "-At", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text],
            env={**os.environ, **self.systems},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout.strip()

    def record_calls(self) -> None:
        for name in RECORDING:
            self.stub(name, f'printf "%s\\n" "{name} $*" >>"$HOME/recorded"')
        for path in SCRIPTS:
            place = self.folder / path
            place.parent.mkdir(exist_ok=True)
            place.write_text(f'#!/bin/bash\nprintf "%s\\n" "{path} $*" >>"$HOME/recorded"\n')
            place.chmod(0o755)

    def finish(self, role: str, *arguments: str) -> tuple[int, str]:
        """Runs a script to its end, however long that takes on a busy machine."""
        with self.started(*arguments, role=role) as run:
            printed, _ = run.communicate(timeout=300)
        return run.returncode, printed


def deploy(cluster: Cluster, app: str, name: str, image: str, replicas: int) -> None:
    labels = {"app": app, "version": image.rpartition(":")[2]}
    container = {"name": app, "image": image}
    cluster.create(
        "deployments",
        name,
        {
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            }
        },
    )
    cluster.settle(name)


def test_everything_that_the_change_touched_is_as_before(tmp_path: Path) -> None:
    programs = postgresql_programs()
    assert programs is not None
    with (
        postgresql_server.serving(programs) as database,
        redis_server.serving() as cache,
        kubernetes_server.serving("production") as api,
        answering() as outside,
    ):
        plan = tmp_path / "api.rbplan"
        text = (EXAMPLES / "api-v2.1" / "api-v2-1.rbplan").read_text(encoding="utf-8")
        # A busy machine has the time that production has not.
        plan.write_text(re.sub(r"timeout (\d+)s", lambda m: f"timeout {6 * int(m[1])}s", text))
        secrets = {"CACHE_PASSWORD": redis_server.PASSWORD, "SLACK_WEBHOOK_URL": f"{outside}/slack"}
        place = Production(
            tmp_path / "api",
            plan,
            {**database.environment, **secrets, "KUBECONFIG": str(tmp_path / "kubeconfig")},
            {
                "http://prometheus:9090": f"http://127.0.0.1:{api.server_port}",
                "http://metrics-api": outside,
            },
        )
        api.write_configuration(tmp_path / "kubeconfig")
        place.record_calls()
        told = ["--set", f"cache_url=redis://127.0.0.1:{cache}/2"]
        for name in ("api_url", "auth_url"):
            told += ["--set", f"{name}={outside}"]

        place.sql("create database production_db", "postgres")
        place.sql(TABLES)
        cluster = api.cluster
        deploy(cluster, "api-service", "api-service", "api:v2.0.8", 10)
        deploy(cluster, "auth-service", "auth-service", "auth:v1.5.2", 5)
        for name in ("api", "auth"):
            cluster.create("configmaps", f"{name}-config", {"data": {"mode": "old"}})
        before = [o["spec"] for o in cluster.list("deployments")]
        status, printed = place.finish("capture", *told)
        assert status == 0, printed

        place.sql(MIGRATION)
        deploy(cluster, "api-service", "api-service-v2.1", "api:v2.1", 10)
        deploy(cluster, "auth-service", "auth-service-v2.1", "auth:v1.6.0", 5)
        for name, version in (("api", "v2.1"), ("auth", "v1.6.0")):
            selector = {"app": f"{name}-service", "version": version}
            cluster.create("services", f"{name}-service", {"spec": {"selector": selector}})
        cluster.create("configmaps", "api-config-v2.1", {"data": {"mode": "new"}})
        redis_server.ask(cache, "mset", "auth:v1.6:a", "x", "auth:v1.5:a", "y", database=2)

        status, printed = place.finish("rollback", *told)
        assert status == 0, printed
        assert place.sql("select count(name) from users") == "300"
        assert place.sql("select max(version) from schema_migrations") == "20251201120000"
        assert redis_server.ask(cache, "keys", "*", database=2) == "auth:v1.5:a"
        deployments = {o["metadata"]["name"]: o["spec"] for o in cluster.list("deployments")}
        assert sorted(deployments) == ["api-service", "auth-service"]
        for spec in deployments.values():
            restarted = spec["template"]["metadata"].pop("annotations")
            assert list(restarted) == ["kubectl.kubernetes.io/restartedAt"]
        assert list(deployments.values()) == before
        routed = [o["spec"]["selector"]["version"] for o in cluster.list("services")]
        assert routed == ["v2.0.8", "v1.5.2"]
        configurations = [o["metadata"]["name"] for o in cluster.list("configmaps")]
        assert configurations == ["api-config", "auth-config"]
        assert {outcome for _, _, outcome in place.outcomes()} == {"done"}
        assert json.loads((place.run_folder / "metrics.json").read_text())

        recorded = (place.folder / "recorded").read_text().splitlines()
        # The hook runs beside the first phase.
        assert "scripts/enable-rollback-monitoring.sh " in recorded
        assert [call for call in recorded if call.startswith("docker")][:2] == [
            "docker manifest inspect api:v2.0.8",
            "docker manifest inspect auth:v1.5.2",
        ]
        assert len([call for call in recorded if call.startswith("aws s3 cp")]) >= 4
        assert "scripts/disable-rollback-monitoring.sh " in recorded
