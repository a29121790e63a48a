"""The monitor asks a real Prometheus, which scrapes an exporter whose errors the test drives."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.metric_server import Answer
from tests.runtime.running import Scripts, plan
from tests.systems.prometheus_server import Prometheus, prometheus_server

pytestmark = pytest.mark.needs("prometheus", "curl")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus_server(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


def watched(prometheus: Prometheus, metrics: str, triggers: str) -> str:
    return plan(
        f"""
  metrics from prometheus "{prometheus.address}" {{ {metrics} }}
  triggers {{ automatic {{ {triggers} }}
    every 200ms }}
  phase work "Work" {{ budget 10s; step a "A" {{ run `date +%s.%N >rolled-back` }} }}
"""
    )


def hear(run: subprocess.Popen[str], text: str) -> list[str]:
    """What the monitor says up to a line that holds a text."""
    assert run.stdout is not None
    heard = []
    for line in run.stdout:
        heard.append(line)
        if text in line:
            return heard
    raise AssertionError(f"never said {text!r}: {''.join(heard)}")


def test_for_fires_when_and_only_when_the_errors_last(
    tmp_path: Path, prometheus: Prometheus
) -> None:
    prometheus.exposes("error_ratio 0.001\n")
    prometheus.until("error_ratio", "0.001")
    scripts = Scripts(
        tmp_path / "demo",
        watched(prometheus, "error_rate ratio `error_ratio`", "error_rate > 1% for 5s"),
    )
    with scripts.started("--no-color", role="monitor") as run:
        hear(run, "✓ error_rate=0.001")
        # A blip, over as soon as it is seen.
        prometheus.exposes("error_ratio 0.5\n")
        hear(run, "[error_rate > 1%: since 0s")
        prometheus.exposes("error_ratio 0.002\n")
        assert "FIRES" not in "".join(hear(run, "✓ error_rate=0.002"))
        began = time.time()
        prometheus.exposes("error_ratio 0.025\n")
        rest, _ = run.communicate(timeout=60)
    assert run.returncode == 0, rest
    assert "FIRES: error_rate > 1% (it is 0.025)" in rest
    assert float((scripts.folder / "rolled-back").read_text()) - began >= 5
    (start,) = scripts.events("run_start")
    assert (start["reason"], float(start["value"])) == ("error_rate_exceeded", 0.025)


def test_a_rate_of_counters(tmp_path: Path, prometheus: Prometheus) -> None:
    counts = itertools.count(100, 100)

    def exposed() -> Answer:
        ok = next(counts)
        return Answer(
            f'requests_total{{code="200"}} {ok}\nrequests_total{{code="500"}} {ok // 4}\n'
        )

    prometheus.exporter.answers["/metrics"] = exposed
    query = 'sum(rate(requests_total{code=~"5.."}[2s])) / sum(rate(requests_total[2s]))'
    scripts = Scripts(
        tmp_path / "demo",
        watched(prometheus, f"error_rate ratio `{query}`", "error_rate >= 19% for 3 consecutive"),
    )
    with scripts.started("--no-color", role="monitor") as run:
        out, _ = run.communicate(timeout=60)
    assert run.returncode == 0, out
    assert "FIRES: error_rate >= 19% (it is 0.2)" in out


def test_what_prometheus_can_answer(tmp_path: Path, prometheus: Prometheus) -> None:
    prometheus.exposes('shard{n="1"} 1\nshard{n="2"} 2\n')
    prometheus.until("count(shard)", "2")
    asked = {
        "plain": ('shard{n="2"}', "plain=2"),
        "one_number": ("scalar(sum(shard))", "one_number=3"),
        "tiny": ("vector(1e-9)", "tiny=1e-09"),
        "large": ("vector(12345678901234)", "large=1.23456789012e+13"),
        "none": ("no_such_series", "none=no_data"),
        "nan": ("vector(0)/vector(0)", "nan=no_data"),
        "infinite": ("vector(1)/vector(0)", "infinite=error"),
        "several": ("shard", "several=error"),
        "span": ("shard[1m]", "span=error"),
        "wrong": ("sum(((", "wrong=error"),
    }
    metrics = "\n".join(f"{name} count `{query}`" for name, (query, _) in asked.items())
    triggers = "\n".join(f"{name} > 1000 for 1h" for name in asked if name != "large")
    text = watched(prometheus, metrics, triggers + "\nlarge < 1 for 1h")
    done = Scripts(tmp_path / "demo", text).run("--once", "--no-color", role="monitor")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout.splitlines()[-1].split()
    assert set(shown) >= {wanted for _, wanted in asked.values()}
    assert "⚠" in shown
    assert "wrong: error HTTP status 400" in done.stdout
    assert "parse error" in done.stdout


def test_an_outage_is_never_taken_for_normal(tmp_path: Path, prometheus: Prometheus) -> None:
    prometheus.exposes("error_ratio 0.001\n")
    prometheus.until("error_ratio", "0.001")
    scripts = Scripts(
        tmp_path / "demo",
        watched(prometheus, "error_rate ratio `error_ratio`", "error_rate > 1% for 30s"),
    )
    with scripts.started("--no-color", role="monitor") as run:
        hear(run, "✓ error_rate=0.001")
        prometheus.exposes("broken", 500)  # the exporter: the series goes stale
        hear(run, "error_rate: no_data the query found no series")
        prometheus.stop()
        down = hear(run, "error_rate: error curl")
        down += hear(run, "⚠ error_rate=error")
        prometheus.exposes("error_ratio 0.002\n")
        prometheus.start()
        down += hear(run, "error_rate answers again")
        hear(run, "✓ error_rate=0.002")
        run.terminate()
        run.communicate(timeout=60)
    assert run.returncode == 143
    assert not [line for line in down[:-1] if "✓" in line]


def test_a_prometheus_that_does_not_answer(tmp_path: Path, prometheus: Prometheus) -> None:
    scripts = Scripts(
        tmp_path / "demo",
        watched(prometheus, "error_rate ratio `error_ratio`", "error_rate > 1% for 30s"),
    )
    assert prometheus.process is not None
    os.kill(prometheus.process.pid, signal.SIGSTOP)
    try:
        done = scripts.run(
            "--once", "--no-color", role="monitor", env={"RBC_METRIC_TIMEOUT": "0.5"}
        )
    finally:
        os.kill(prometheus.process.pid, signal.SIGCONT)
    assert "error_rate: error curl" in done.stdout
    assert "timed out" in done.stdout
    assert "✓" not in done.stdout
