"""Metrics before the change: capture.sh keeps them, and the verification compares with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.metric_server import Answer, MetricServer, metric_server
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

PLAN = plan(
    """
  metrics from http "ADDRESS/${metric}" json ".value" {
    latency duration in s
    throughput rate in /s
    errors ratio in percent
  }
  phase work "Work" { budget 10s; step a "A" { run `touch worked` } }
  phase proof "Proof" { after work; budget 10s; verify }
  verification { BOUND }
"""
)


def says(server: MetricServer, **values: float) -> None:
    for name, value in values.items():
        server.says(f"/{name}", f'{{"value": {value}}}')


def scripts_of(compiled: Compiled, server: MetricServer, bound: str) -> Scripts:
    return compiled(PLAN.replace("ADDRESS", server.address).replace("BOUND", bound))


def artifacts(scripts: Scripts) -> Path:
    return scripts.folder / ".rbc" / "artifacts" / "demo"


def findings(scripts: Scripts, *arguments: str) -> dict[str, dict[str, str]]:
    """What verify.sh found, by the title of the bound."""
    result = scripts.run("--json", *arguments, role="verify")
    document = json.loads(result.stdout)
    assert document["passed"] is (result.returncode == 0)
    assert result.returncode in (0, 7), result.stderr
    return {check["title"]: check for check in document["checks"]}


# Samples are 0.2 s = 200 ms, 10/s = 600/min, 2 percent = 0.02 before the change.
BEFORE = {"latency": 0.2, "throughput": 10, "errors": 2}


@pytest.mark.parametrize(
    ("bound", "name", "good", "bad"),
    [
        ("latency <= baseline", "latency", [0.2, 0.1], [0.201]),
        ("latency < baseline", "latency", [0.199], [0.2]),
        ("latency <= baseline + 10%", "latency", [0.22, 0], [0.2201]),
        ("latency <= baseline + 50ms", "latency", [0.25], [0.251]),
        ("throughput >= baseline - 20%", "throughput", [8, 100], [7.9]),
        ("throughput > baseline - 60/min", "throughput", [9.01], [9, 0]),
        ("errors <= baseline + 0.5pp", "errors", [2.5, 0], [2.51]),
        ("errors <= baseline + 50%", "errors", [3, 0], [3.01]),
        ("latency within 10% of baseline", "latency", [0.18, 0.22], [0.179, 0.221]),
        ("errors within 1pp of baseline", "errors", [1, 3], [0.99, 3.01]),
        ("throughput within 60/min of baseline", "throughput", [9, 11], [8.9, 11.1]),
    ],
)
def test_a_bound_is_taken_from_the_value_before_the_change(
    compiled: Compiled, bound: str, name: str, good: list[float], bad: list[float]
) -> None:
    with metric_server() as server:
        says(server, **BEFORE)
        scripts = scripts_of(compiled, server, f"metric {bound}")
        captured = scripts.run(role="capture")
        assert captured.returncode == 0, captured.stdout + captured.stderr
        for outcome, values in (("ok", good), ("failed", bad)):
            for value in values:
                says(server, **{name: value})
                assert findings(scripts)[bound]["outcome"] == outcome, value


def test_a_failure_says_both_numbers_and_when_the_baseline_is_from(compiled: Compiled) -> None:
    with metric_server() as server:
        says(server, **BEFORE)
        scripts = scripts_of(compiled, server, "metric latency within 10% of baseline")
        captured = scripts.run(role="capture")
        assert "baseline of latency: 200\n" in captured.stdout
        says(server, latency=0.25)
        result = scripts.run(role="verify")
    assert result.returncode == 7
    number, time = (artifacts(scripts) / "baseline/latency.metric").read_text().split()
    assert number == "200"
    assert f"it is 250 (bound: 180 to 220, baseline: 200 at {time})" in result.stdout


def test_the_baseline_is_sampled_before_the_steps_and_stands_in_the_manifest(
    compiled: Compiled,
) -> None:
    with metric_server() as server:
        says(server, **BEFORE)
        text = PLAN.replace("ADDRESS", server.address).replace(
            "BOUND", "metric latency <= baseline; metric errors < 50%"
        )
        load = f'curl -fsS --max-time 5 {server.address}/load || true; echo x >"$kept"'
        step = f'capture {{ step s "S" {{ creates kept "k"; run `{load}` }} }}\n  phase work'
        scripts = compiled(text.replace("phase work", step, 1))
        assert scripts.run(role="capture").returncode == 0
        assert [path for path, _ in server.received] == ["/latency", "/load"]
    kept = (artifacts(scripts) / "baseline/latency.metric").read_bytes()
    manifest = (artifacts(scripts) / "manifest.txt").read_text()
    assert f"{hashlib.sha256(kept).hexdigest()}  latency  baseline/latency.metric\n" in manifest


@pytest.mark.parametrize("answer", ['{"value": null}', "", '{"value": "NaN"}', "404"])
def test_without_a_sample_nothing_is_captured(compiled: Compiled, answer: str) -> None:
    with metric_server() as server:
        if answer != "404":
            server.says("/latency", answer)
        scripts = scripts_of(compiled, server, "metric latency <= baseline")
        result = scripts.run(role="capture")
    assert result.returncode == 1
    assert "no baseline of latency: " in result.stdout
    assert not artifacts(scripts).exists()


@pytest.mark.parametrize("damage", ["missing", "changed", "no manifest", "no capture"])
def test_a_baseline_that_is_not_there_is_never_ok(compiled: Compiled, damage: str) -> None:
    bounds = "metric latency <= baseline; metric throughput >= baseline warn"
    with metric_server() as server:
        says(server, **BEFORE)
        scripts = scripts_of(compiled, server, bounds)
        if damage != "no capture":
            scripts.run(role="capture")
        for name in ("latency", "throughput"):
            file = artifacts(scripts) / f"baseline/{name}.metric"
            if damage == "missing":
                file.unlink()
            elif damage == "changed":
                file.write_text("1000000 2025-12-09T14:00:00Z\n")
        if damage == "no manifest":
            (artifacts(scripts) / "manifest.txt").unlink()
        found = findings(scripts)
        run = scripts.run()
    why = {
        "changed": "the baseline of latency is not what was captured",
        "no manifest": "has no checksum",
    }.get(damage, "there is no baseline of latency: capture.sh records it before the change")
    assert found["latency <= baseline"]["outcome"] == "failed"
    assert found["throughput >= baseline"]["outcome"] == "warned"
    assert why in found["latency <= baseline"]["found"]
    # The way back stays open, it is known from the beginning, and it is not called verified.
    assert run.returncode == 7
    assert why in run.stdout.split("PHASE Work")[0]
    assert (scripts.folder / "worked").exists()
    assert "verified" not in run.stdout.splitlines()[-1]


def test_polling_waits_until_the_metric_is_back(compiled: Compiled) -> None:
    with metric_server() as server:
        says(server, **BEFORE)
        bound = "metric latency <= baseline + 10% within 20s every 50ms"
        scripts = scripts_of(compiled, server, bound)
        scripts.run(role="capture")
        values = iter([0.9, 0.5, 0.21])
        server.answers["/latency"] = lambda: Answer(f'{{"value": {next(values)}}}')
        result = scripts.run()
    assert result.returncode == 0, result.stdout
    assert "latency <= baseline + 10%: 210 (baseline: 200 at " in result.stdout
    assert next(values, None) is None


def test_a_dry_run_shows_what_is_sampled_and_compared(compiled: Compiled) -> None:
    with metric_server() as server:
        bound = "metric latency within 10% of baseline warn within 1m every 15s"
        scripts = scripts_of(compiled, server, bound)
        shown = {
            role: scripts.run("--dry-run", role=role) for role in ("capture", "rollback", "verify")
        }
        assert server.received == []
    assert "latency → baseline/latency.metric" in shown["capture"].stdout
    line = (
        "latency within 10% of baseline, within 1m, asked every 15s"
        " (capture.sh recorded the baseline) (warns only)"
    )
    for role in ("rollback", "verify"):
        assert line in shown[role].stdout
    assert scripts.left() == []


REGIONS = """rbplan 1
plan demo "Demo" {
  operation "op-1"
  level 4
  regions { wave us; wave eu }
  metrics from http "ADDRESS/${region}/${metric}" json ".value" { latency duration }
  metrics from http "ADDRESS/${metric}" json ".value" { orders count }
  phase work "Work" { budget 10s; step a "A" { run `true` } }
  phase proof "Proof" { after work; budget 10s; verify }
  verification { metric latency <= baseline + 10%; metric orders >= baseline }
}
"""


def test_each_region_has_its_own_baseline(compiled: Compiled) -> None:
    with metric_server() as server:
        says(server, **{"us/latency": 100, "eu/latency": 200, "orders": 7})
        scripts = compiled(REGIONS.replace("ADDRESS", server.address))
        assert scripts.run("--region", "us", role="capture").returncode == 0
        says(server, orders=9)
        assert scripts.run("--region", "eu", role="capture").returncode == 0
        kept = {
            str(file.relative_to(artifacts(scripts))): file.read_text().split()[0]
            for file in (artifacts(scripts) / "baseline").rglob("*.metric")
        }
        says(server, **{"us/latency": 110, "eu/latency": 230})
        run = scripts.run()
    assert kept == {
        "baseline/us/latency.metric": "100",
        "baseline/eu/latency.metric": "200",
        "baseline/orders.metric": "7",
    }
    assert run.returncode == 7
    assert "it is 230 (bound: 220, baseline: 200 at " in run.stdout
    assert "latency <= baseline + 10%: 110 (baseline: 100 at " in run.stdout


SNAPSHOT = plan(
    """
  capture { baseline `cat now` }
  phase work "Work" { budget 10s; step a "A" { run `true` } }
  phase proof "Proof" { after work; budget 10s; verify }
  verification {
    check same "The same as before" { uses baseline; expect `cat now` equals_file baseline }
    check close "Compared by a script" { uses baseline; expect `diff "$baseline" now` }
  }
"""
)


def test_what_a_snapshot_printed_is_compared_by_checks(compiled: Compiled) -> None:
    scripts = compiled(SNAPSHOT)
    now = scripts.folder / "now"
    now.write_text("orders 7\n")
    assert scripts.run(role="capture").returncode == 0
    assert (artifacts(scripts) / "baseline/snapshot.txt").read_text() == "orders 7\n"
    assert scripts.run().returncode == 0
    now.write_text("orders 3\n")
    outcomes = {title: check["outcome"] for title, check in findings(scripts).items()}
    assert outcomes == {"The same as before": "failed", "Compared by a script": "failed"}
    (artifacts(scripts) / "baseline/snapshot.txt").write_text("orders 3\n")
    refused = scripts.run()
    assert refused.returncode == 3
    assert "the artifact baseline is not what was captured" in refused.stdout


@pytest.mark.parametrize("command", ["true", "echo half; false"])
def test_a_snapshot_that_fails_or_prints_nothing_is_no_baseline(
    compiled: Compiled, command: str
) -> None:
    scripts = compiled(SNAPSHOT.replace("baseline `cat now`", f"baseline `{command}`"))
    assert scripts.run(role="capture").returncode == 1
    assert not artifacts(scripts).exists()
