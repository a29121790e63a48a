"""The Kubernetes module asks kubectl for the right things, and heeds the answers.

kubectl itself is stood in for: it notes its arguments and prints what the test laid ready.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rbdsl.model.plan import Plan
from tests.stdlib.stepping import Bench, plan_of

KUBECTL = """#!/bin/bash
printf '%s\\n' "$*" >>"$CALLS"
for answer in "$ANSWERS"/*; do
  if [[ "$*" == *"$(basename "$answer")"* ]]; then cat "$answer"; fi
done
[[ "$*" != *"${FAIL:-nothing at all}"* ]]
"""

CALLS = """
step keep "Keep" m.snapshot(kind: "deployment", name: "api", file: "${kept}", namespace: "shop")
step route "Route" m.route(service: "api", version: "v1", previous: "v2", label: "app/version")
step delete "Delete" m.delete_deployment(deployment: "api-v2", service: "api", version: "v1")
step undo "Undo" m.undo_rollout(deployment: "api", revision: 41, image: "api:v1")
step scale "Scale" m.scale(deployment: "api", replicas: 3, cluster: "eu")
step stop "Stop" m.stop(deployment: "api-v2")
"""

DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {
        "name": "api",
        "labels": {"app": "api"},
        "uid": "0d3f",
        "resourceVersion": "812",
        "generation": 7,
        "creationTimestamp": "2025-12-01T00:00:00Z",
        "annotations": {"team": "shop", "deployment.kubernetes.io/revision": "41"},
    },
    "spec": {"replicas": 3},
    "status": {"readyReplicas": 3},
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of("kubernetes", CALLS, variables='let kept = "api.json"')


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    commands, answers = tmp_path / "commands", tmp_path / "answers"
    commands.mkdir()
    answers.mkdir()
    (commands / "kubectl").write_text(KUBECTL)
    (commands / "kubectl").chmod(0o755)
    environment = {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "ANSWERS": str(answers),
    }
    return Bench(tmp_path, environment, {"kept": "api.json"})


def answer(bench: Bench, words: str, text: str) -> None:
    """Lets kubectl print a text when it is called with these words."""
    (bench.folder / "answers" / words).write_text(text)


def calls(bench: Bench) -> list[str]:
    return (bench.folder / "calls").read_text().splitlines()


def test_a_snapshot_can_be_applied_again(bench: Bench, plan: Plan) -> None:
    answer(bench, "get deployment api", json.dumps(DEPLOYMENT))
    bench.run(plan, "keep")
    assert json.loads((bench.folder / "api.json").read_text()) == {
        "kind": "Deployment",
        "metadata": {"name": "api", "labels": {"app": "api"}, "annotations": {"team": "shop"}},
        "spec": {"replicas": 3},
    }
    assert "--namespace shop" in calls(bench)[0]


def test_a_snapshot_of_nothing_fails(bench: Bench, plan: Plan) -> None:
    bench.environment["FAIL"] = "get deployment api"
    keep = next(s for s in plan.phases[0].steps if s.name.text == "keep")
    assert bench.shell(keep.run, keep.bindings).returncode != 0


def test_traffic_is_routed_there_and_back_by_the_selector(bench: Bench, plan: Plan) -> None:
    answer(bench, "get service api", "v1")
    answer(bench, "get endpointslices", "10.0.0.1")
    bench.run(plan, "route")
    bench.undo(plan, "route")
    patches = [json.loads(c.split("--patch=")[1]) for c in calls(bench) if "--patch=" in c]
    assert [p["spec"]["selector"] for p in patches] == [
        {"app/version": "v1"},
        {"app/version": "v2"},
    ]


def test_routing_to_a_version_without_ready_pods_fails(bench: Bench, plan: Plan) -> None:
    answer(bench, "get service api", "v1")
    route = next(s for s in plan.phases[0].steps if s.name.text == "route")
    assert [bench.holds(e, route.bindings) for e in route.expectations] == [True, False]


def test_what_serves_is_not_deleted(bench: Bench, plan: Plan) -> None:
    answer(bench, "get service api", "v2")
    delete = next(s for s in plan.phases[0].steps if s.name.text == "delete")
    done = bench.shell(delete.run, delete.bindings)
    assert done.returncode == 1
    assert "still routes to v2" in done.stderr
    assert not any("delete" in call for call in calls(bench))


def test_what_no_longer_serves_is_deleted(bench: Bench, plan: Plan) -> None:
    answer(bench, "get service api", "v1")
    bench.run(plan, "delete")
    assert "delete deployment api-v2 --ignore-not-found" in calls(bench)[-1]


def test_a_rollout_is_done_once_the_image_runs_everywhere(bench: Bench, plan: Plan) -> None:
    answer(bench, "get deployment api", "api:v2")
    assert not bench.is_done(plan, "undo")
    answer(bench, "get deployment api", "api:v1")
    assert bench.is_done(plan, "undo")
    bench.environment["FAIL"] = "rollout status"
    assert not bench.is_done(plan, "undo")


def test_a_rollout_goes_back_to_the_revision_that_was_named(bench: Bench, plan: Plan) -> None:
    answer(bench, "get deployment api", "api:v1")
    bench.run(plan, "undo")
    assert any("rollout undo deployment/api --to-revision=41" in call for call in calls(bench))


def test_scaling_waits_and_counts(bench: Bench, plan: Plan) -> None:
    answer(bench, "get deployment api", "3 3")
    bench.run(plan, "scale")
    assert all(call.startswith("--context=eu ") for call in calls(bench))
    assert any("rollout status deployment/api --timeout=60s" in call for call in calls(bench))
    scale = next(s for s in plan.phases[0].steps if s.name.text == "scale")
    answer(bench, "get deployment api", "3 2")
    assert not bench.holds(scale.expectations[0], scale.bindings)
