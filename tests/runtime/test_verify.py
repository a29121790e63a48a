"""verify.sh: all checks are made, and their outcome is its status."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.metric_server import MetricServer, metric_server
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

CHECKS = plan(
    """
  service api in production
  service db in production
  metrics from http "ADDRESS/${metric}" json ".value" { errors ratio }
  phase work "Work" { budget 10s; step a "A" { for api; run `true` } }
  phase data "Data" { budget 10s; step b "B" { for db; run `true` } }
  scenario part "Part" { run work; use_when "x" }
  verification {
    check up "Is up" { for api; expect "page" `echo healthy` contains "healthy" }
    check rows "Rows" { for db; expect `cat rows` equals "5" }
    check soft "Soft" warn { expect `false` }
    check slow "Comes up" { expect `echo x >> asked; test "$(wc -l < asked)" -ge 3` within 10s every 50ms }
    metric errors < 1%
    confirm "Login works"
  }
"""
)


@pytest.mark.parametrize(
    ("rows", "errors", "arguments", "status"),
    [
        ("5", "0.005", [], 0),
        ("4", "0.005", [], 7),
        ("4", "0.005", ["--scenario", "part"], 0),
        ("5", "0.02", [], 7),
        ("5", "null", [], 7),
    ],
)
def test_all_checks_are_made(
    compiled: Compiled, rows: str, errors: str, arguments: list[str], status: int
) -> None:
    with metric_server() as server:
        server.says("/errors", f'{{"value": {errors}}}')
        scripts = compiled(CHECKS.replace("ADDRESS", server.address))
        (scripts.folder / "rows").write_text(rows)
        shown = scripts.run(*arguments, role="verify")
        found = scripts.run("--json", *arguments, role="verify")
    assert shown.returncode == found.returncode == status, shown.stdout + shown.stderr
    assert "☐ Login works" in shown.stdout
    assert "⚠ Soft" in shown.stdout
    document = json.loads(found.stdout)
    assert document["passed"] is (status == 0)
    assert document["confirm"] == ["Login works"]
    outcomes = {c["name"]: c["outcome"] for c in document["checks"]}
    assert outcomes["up"] == outcomes["slow"] == "ok"
    assert outcomes["soft"] == "warned"
    assert outcomes["rows"] == ("skipped" if arguments else "ok" if rows == "5" else "failed")
    assert outcomes["errors"] == ("ok" if errors == "0.005" else "failed")
    assert scripts.left() == ["asked", "rows"]


def test_findings_that_can_not_be_written_are_no_success(compiled: Compiled) -> None:
    scripts = compiled(plan('  phase work "Work" { budget 10s; step a "A" { run `:` } }'))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [scripts.folder / "verify.sh", "--json"],
            cwd=scripts.folder,
            env=scripts.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "could not be written" in done.stderr


def test_a_bound_ends_with_the_time_limit_of_its_phase(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/errors", '{"value": 0.5}')
    text = """
  service api in production
  metrics from http "ADDRESS/${metric}" json ".value" { errors ratio }
  phase proof "Proof" { budget 2s; timeout 2s; verify }
  verification { metric errors < 1% within 30s every 1s; confirm "Login works" }
"""
    scripts = compiled(plan(text.replace("ADDRESS", server.address)))
    begun = time.monotonic()
    assert scripts.run().returncode == 7
    assert time.monotonic() - begun < 20
