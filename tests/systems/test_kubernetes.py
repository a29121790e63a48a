"""Whole plans take a cluster back with the real kubectl, whose API server is the tests' own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.running import JsonObject, is_running, wait_for
from tests.systems.kubernetes_cluster import Object
from tests.systems.kubernetes_server import Api, serving
from tests.systems.place import EXAMPLES, PLANS, Place, kill_all

pytestmark = [pytest.mark.needs("jq", "curl"), pytest.mark.needs("kubectl", optional=True)]

AWS = """#!/bin/bash
printf '%s\\n' "$*" >>"$HOME/aws"
cp "${@: -2:1}" "$HOME/stored"
"""


class Shop(Place):
    """The scripts of a plan, and the cluster that they work on."""

    api: Api
    before: list[JsonObject]  # what was wanted before the change

    def kubectl(self, *words: str) -> str:
        done = subprocess.run(
            ["kubectl", "--namespace", self.api.cluster.namespace, *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def spec(self, kind: str, name: str) -> JsonObject:
        """What is wanted of an object, by kubectl; the time of a restart aside."""
        found: JsonObject = json.loads(self.kubectl("get", kind, name, "--output=json"))
        found.get("spec", {}).get("template", {}).get("metadata", {}).pop("annotations", None)
        wanted: JsonObject = found["spec" if "spec" in found else "data"]
        return wanted

    def image(self, name: str) -> str:
        image: str = self.spec("deployment", name)["template"]["spec"]["containers"][0]["image"]
        return image

    def deploy(self, name: str, image: str, replicas: int, revision: int = 1) -> None:
        """A deployment whose first ReplicaSet has this revision."""
        labels = {"app": name.removesuffix("-v2"), "version": image.rpartition(":")[2].lstrip("v")}
        env = [{"name": "MODE", "value": "plain"}]
        container = {"name": labels["app"], "image": image, "env": env}
        self.api.cluster.create(
            "deployments",
            name,
            {
                "metadata": {"annotations": {"deployment.kubernetes.io/revision": str(revision)}},
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": {"app": labels["app"]}},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {"containers": [container]},
                    },
                },
            },
        )
        self.api.cluster.settle(name)

    def serve(self, name: str, **selector: str) -> None:
        content: Object = {"spec": {"selector": {"app": name, **selector}}}
        self.api.cluster.create("services", name, content)

    def known(self, folder: Path, api: Api) -> None:
        """Tells kubectl where the cluster is."""
        self.api = api
        api.write_configuration(folder / "kubeconfig")
        self.systems |= {"KUBECONFIG": str(folder / "kubeconfig")}


# -- The example: one deployment, back to a revision ------------------------------------------


@pytest.fixture
def production() -> Iterator[Api]:
    with serving("production") as api:
        yield api


def payments_of(api: Api, folder: Path, replaced: dict[str, str] | None = None) -> Shop:
    told = {"http://prometheus:9090": f"http://127.0.0.1:{api.server_port}"}
    plan = EXAMPLES / "kubernetes" / "kubernetes.rbplan"
    payments = Shop(folder / "payments", plan, {}, {**told, **(replaced or {})})
    payments.known(folder, api)
    payments.deploy("payment-service", OLD, 4, revision=41)
    payments.serve("payment-service")
    return payments


OLD = "registry.example.com/payment-service:v3.1.8"
NEW = "registry.example.com/payment-service:v3.2"


@pytest.fixture
def payments(production: Api, tmp_path: Path) -> Shop:
    """The example after its capture, with v3.2 live."""
    payments = payments_of(production, tmp_path)
    payments.succeed(role="capture")
    change(payments)
    return payments


def change(payments: Shop) -> None:
    payments.kubectl("set", "image", "deployment/payment-service", f"payment-service={NEW}")
    payments.api.cluster.settle("payment-service")
    assert payments.image("payment-service") == NEW


def test_a_deployment_goes_back_to_the_revision_that_was_looked_up(payments: Shop) -> None:
    assert "✗ Version" in payments.fail(7, role="verify")
    payments.succeed()
    assert payments.image("payment-service") == OLD
    # The old revision is the newest now, and v3.2 the one before it.
    history = payments.kubectl("rollout", "history", "deployment/payment-service")
    assert [line.split()[0] for line in history.splitlines()[2:] if line] == ["42", "43"]
    assert ("unpause", "run", "already") in payments.outcomes()
    assert payments.outcomes()[-1] == ("undo", "run", "done")
    payments.succeed(role="verify")


def test_a_paused_deployment_is_resumed_first(payments: Shop) -> None:
    payments.kubectl("rollout", "pause", "deployment/payment-service")
    payments.succeed()
    assert payments.image("payment-service") == OLD
    assert ("unpause", "run", "done") in payments.outcomes()


def test_a_revision_that_is_another_version_is_not_captured(
    production: Api, tmp_path: Path
) -> None:
    payments = payments_of(production, tmp_path)
    change(payments)
    printed = payments.fail(1, "--set", "revision=42", role="capture")
    assert "the revision runs the image" in printed
    assert "unable to find" in payments.fail(1, "--set", "revision=7", role="capture")


def test_metrics_that_are_still_bad_fail_the_verification(payments: Shop) -> None:
    payments.api.error_rate = "0.2"
    assert "✗" in payments.fail(7)
    assert payments.image("payment-service") == OLD


def test_an_api_server_that_is_down_fails_the_first_step(payments: Shop) -> None:
    payments.api.stop()
    payments.fail(1)
    assert "was refused" in payments.failure()["failure_reason"]
    assert payments.failure()["failure_details"]["step"] == "Ask the cluster"
    assert payments.outcomes() == [("reachable", "run", "failed")]


def test_a_rollout_that_never_becomes_ready_ends_with_its_limit(
    production: Api, tmp_path: Path
) -> None:
    payments = payments_of(production, tmp_path)
    payments.succeed(role="capture")
    change(payments)
    production.cluster.broken = {OLD}
    # As long as the step may take, kubectl waits for 90 seconds.
    path = payments.folder / "rollback.sh"
    script = path.read_text()
    assert "--timeout=90s" in script
    path.write_text(script.replace("--timeout=90s", "--timeout=2s"))
    payments.fail(1)
    assert payments.outcomes()[-1] == ("undo", "run", "failed")
    assert "every pod is replaced" in payments.failure()["failure_reason"]
    assert "✗ Pods" in payments.fail(7, role="verify")


def test_a_run_killed_after_the_undo_does_not_go_forward_again(payments: Shop) -> None:
    payments.wrap(
        "kubectl",
        after='if [[ $* == *" rollout undo "* ]] && mkdir "$HOME/undone"; then touch "$HOME/undone/there"; sleep 300; fi',
    )
    with payments.started() as run:
        wait_for(payments.folder / "undone" / "there")
        kill_all(run)
    payments.api.cluster.settle("payment-service")
    payments.succeed("--resume")
    assert payments.outcomes()[-1] == ("undo", "run", "already")
    assert payments.image("payment-service") == OLD
    assert len([call for call in payments.calls("kubectl") if "rollout undo" in call]) == 1


# -- The module: a version beside the other one -----------------------------------------------


@pytest.fixture
def api() -> Iterator[Api]:
    with serving("shop") as api:
        yield api


def shop_of(api: Api, folder: Path, replaced: dict[str, str] | None = None) -> Shop:
    """Captured with 1.9; then 2.0 went live beside it, and much was changed by hand."""
    shop = Shop(folder / "shop", PLANS / "kubernetes.rbplan", {}, replaced)
    shop.known(folder, api)
    (shop.bin / "aws").write_text(AWS)
    (shop.bin / "aws").chmod(0o755)
    shop.deploy("api", "registry.example.com/api:1.9", 4)
    shop.deploy("worker", "registry.example.com/worker:1.9", 1)
    shop.deploy("mailer", "registry.example.com/mailer:1.9", 1, revision=6)
    shop.serve("api", version="1.9")
    api.cluster.create("configmaps", "api", {"data": {"checkout": "old"}})
    shop.before = [shop.spec(*what) for what in CAPTURED]
    shop.succeed(role="capture")

    shop.deploy("api-v2", "registry.example.com/api:2.0", 4)
    shop.kubectl("patch", "service", "api", "--patch", '{"spec": {"selector": {"version": "2.0"}}}')
    shop.kubectl("scale", "deployment/api", "--replicas=1")
    shop.kubectl("set", "env", "deployment/api", "MODE=fancy", "NEW_CHECKOUT=yes")
    shop.kubectl(
        "patch", "configmap", "api", "--patch", '{"data": {"checkout": "new", "more": "x"}}'
    )
    for name in ("worker", "mailer"):
        image = f"{name}=registry.example.com/{name}:2.0"
        shop.kubectl("set", "image", f"deployment/{name}", image)
    for name in ("api", "worker", "mailer"):
        api.cluster.settle(name)
    api.asked.clear()
    return shop


CAPTURED = [("deployment", "api"), ("service", "api"), ("configmap", "api")]


@pytest.fixture
def shop(api: Api, tmp_path: Path) -> Shop:
    return shop_of(api, tmp_path)


def test_everything_is_as_it_was_before_the_change(shop: Shop) -> None:
    shop.succeed()
    # Also what was added by hand is gone: a variable, and a key of the configuration.
    assert [shop.spec(*what) for what in CAPTURED] == shop.before
    assert shop.image("worker") == "registry.example.com/worker:1.9"
    assert shop.image("mailer") == "registry.example.com/mailer:1.9"
    assert "api-v2" not in shop.kubectl("get", "deployments")
    assert {outcome for _, _, outcome in shop.outcomes()} == {"done"}
    shop.succeed(role="verify")


def test_the_logs_of_all_pods_are_kept_before_the_version_is_stopped(shop: Shop) -> None:
    shop.succeed()
    (call,) = (shop.folder / "aws").read_text().splitlines()
    assert call.startswith("s3 cp")
    assert call.endswith(" s3://logs.example.com/api-2.0.txt")
    stored = (shop.folder / "stored").read_text().splitlines()
    assert len(stored) == 4
    assert all("[pod/api-v2-" in line for line in stored)


def test_nothing_is_routed_to_a_version_without_ready_pods(shop: Shop) -> None:
    shop.api.cluster.broken = {"registry.example.com/api:1.9"}
    shop.fail(1)
    assert shop.outcomes()[0] == ("route", "run", "failed")
    assert "has ready pods behind it" in shop.failure()["failure_reason"]
    assert shop.spec("deployment", "api-v2")["replicas"] == 4


def test_a_failure_in_the_phase_gives_the_traffic_back(shop: Shop) -> None:
    shop.wrap("kubectl", before='[[ $* != *"api-v2 --replicas=0"* ]] || exit 1')
    shop.fail(1)
    assert shop.outcomes()[-1] == ("route", "undo", "done")
    assert shop.spec("service", "api")["selector"]["version"] == "2.0"


def test_pods_that_never_become_ready_end_with_what_kubectl_says(api: Api, tmp_path: Path) -> None:
    shop = shop_of(api, tmp_path, {"wait: 20s": "wait: 2s"})
    api.cluster.broken = {"registry.example.com/worker:1.9"}
    shop.fail(1)
    assert shop.outcomes()[-1] == ("worker", "run", "failed")
    assert "timed out waiting for the condition" in shop.failure()["failure_reason"]


def test_an_api_server_that_does_not_answer_ends_with_the_time_limit(
    api: Api, tmp_path: Path
) -> None:
    shop = shop_of(
        api,
        tmp_path,
        {
            'previous: "2.0", namespace: namespace) { for api }': 'previous: "2.0", namespace: namespace) { for api; timeout 3s }'
        },
    )
    api.hangs = "PATCH"
    shop.wrap("kubectl", before='echo "$$" >>"$HOME/pids"; exec "$real" "$@"')
    printed = shop.fail(1)
    assert "stopped at the time limit of the step" in printed
    assert shop.outcomes()[0] == ("route", "run", "timed_out")
    assert not [pid for pid in (shop.folder / "pids").read_text().split() if is_running(pid)]


def test_what_still_gets_requests_is_not_deleted(shop: Shop) -> None:
    switched = '[[ $* != *" get service api "*go-template* || ! -e $HOME/verified ]] || "$real" patch service api --namespace shop --patch \'{"spec": {"selector": {"version": "2.0"}}}\' >/dev/null'
    seen = '[[ $* != *" wait "* ]] || touch "$HOME/verified"'
    shop.wrap("kubectl", before=switched, after=seen)
    shop.fail(1)
    assert "still routes to 2.0" in shop.failure()["failure_reason"]
    assert "api-v2" in shop.kubectl("get", "deployments")


def test_an_object_that_was_deleted_is_made_again(shop: Shop) -> None:
    shop.kubectl("delete", "configmap", "api")
    shop.succeed()
    assert shop.spec("configmap", "api") == {"checkout": "old"}
