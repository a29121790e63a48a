"""The monitor: one look at 20 metrics, and the time from the trouble to the rollback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.runtime.metric_server import Answer, MetricServer, metric_server
from tests.runtime.running import Scripts, plan

SLOWEST = 0.3
METRICS = [f"m{number}" for number in range(20)]
PHASE = 'phase back "Back" { budget 10s; step go "Go" { run `true` } }'
PROMETHEUS = (
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"%s"]}]}}'
)

one_look = pytest.mark.benchmark(group="one look of the monitor")
latency = pytest.mark.benchmark(group="from the trouble to the rollback")


@pytest.fixture
def server() -> Iterator[MetricServer]:
    with metric_server() as running:
        yield running


def source_prometheus(server: MetricServer) -> str:
    declared = "\n".join(f"{name} count `{name}`" for name in METRICS)
    asked = iter(range(10**9))

    def answer() -> Answer:
        return Answer(PROMETHEUS % 0, delay=SLOWEST if next(asked) % 20 == 7 else 0)

    server.answers["/api/v1/query"] = answer
    return f'metrics from prometheus "{server.address}" {{ {declared} }}'


def source_http(server: MetricServer) -> str:
    for name in METRICS:
        server.says(f"/m/{name}", '{"value": 0}', delay=SLOWEST if name == "m7" else 0)
    declared = "\n".join(f"{name} count" for name in METRICS)
    return f'metrics from http "{server.address}/m/${{metric}}" json ".value" {{ {declared} }}'


@one_look
def bench_slowest_answer(benchmark: BenchmarkFixture, server: MetricServer) -> None:
    """The slowest answer by itself, as a program that asks for nothing else sees it."""
    server.says("/slow", "0", delay=SLOWEST)
    host, _, port = server.address.removeprefix("http://").partition(":")

    def ask() -> None:
        connection = HTTPConnection(host, int(port))
        connection.request("GET", "/slow")
        connection.getresponse().read()
        connection.close()

    benchmark.extra_info.update(name="the slowest answer", base=True)
    benchmark.pedantic(ask, rounds=5)


@one_look
@pytest.mark.parametrize("source", [source_prometheus, source_http])
def bench_look(
    benchmark: BenchmarkFixture,
    server: MetricServer,
    tmp_path: Path,
    source: Callable[[MetricServer], str],
) -> None:
    """From one look to the next, with an interval that leaves no pause."""
    triggers = "\n".join(f"{name} > 5 for 1m" for name in METRICS)
    text = plan(f"{source(server)}\ntriggers {{ automatic {{ {triggers} }}\n every 1ms }}\n{PHASE}")
    scripts = Scripts(tmp_path / "demo", text)
    look = 0

    def next_look() -> None:
        nonlocal look
        look += 1
        while len(server.received) <= 20 * look:
            time.sleep(0.001)

    with scripts.started(role="monitor") as run:
        next_look()
        kind = source.__name__.removeprefix("source_")
        benchmark.extra_info.update(name=f"20 metrics, {kind}")
        benchmark.pedantic(next_look, rounds=10)
        run.terminate()
        run.communicate()


@latency
def bench_aim(benchmark: BenchmarkFixture) -> None:
    """What the aim is: `for 2s`, one interval of 500 ms, an answer after 100 ms."""
    benchmark.extra_info.update(name="for + interval + query", base=True)
    benchmark.pedantic(time.sleep, args=(2.6,), rounds=1)


@latency
def bench_latency(benchmark: BenchmarkFixture, server: MetricServer, tmp_path: Path) -> None:
    """From the moment in which the source is bad to the start of the rollback's script."""
    text = plan(
        f'metrics from http "{server.address}/m/${{metric}}" json ".value" {{ m count }}\n'
        f"triggers {{ automatic {{ m > 5 for 2s }}\n every 500ms }}\n{PHASE}"
    )
    rounds = iter(range(100))

    def watch() -> tuple[tuple[Path], dict[str, object]]:
        """A monitor that has looked once, and goes on."""
        server.says("/m/m", '{"value": 0}', delay=0.1)
        scripts = Scripts(tmp_path / f"demo{next(rounds)}", text)
        rollback = scripts.folder / "rollback.sh"
        rollback.write_text("#!/bin/sh\n: >started\n")
        looked = len(server.received)
        running.enter_context(scripts.started(role="monitor"))
        while len(server.received) == looked:
            time.sleep(0.001)
        server.says("/m/m", '{"value": 9}', delay=0.1)
        return (scripts.folder / "started",), {}

    def fires(started: Path) -> None:
        while not started.exists():
            time.sleep(0.001)

    benchmark.extra_info.update(name="measured")
    with ExitStack() as running:
        benchmark.pedantic(fires, setup=watch, rounds=3)
