"""A process from start to end, beside one that imports lark and click and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.texts import plan

pytestmark = pytest.mark.benchmark(group="cold start")
ROUNDS = 15
CHECK = ("-m", "rbdsl.cli.main", "check", "--no-cache")


def process(benchmark: BenchmarkFixture, name: str, *arguments: str) -> None:
    def run() -> None:
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)

    run()  # the caches of a second start: bytecode, grammar
    benchmark.extra_info["name"] = name
    benchmark.pedantic(run, rounds=ROUNDS)


def bench_imports(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info["base"] = True
    process(benchmark, "import lark, click", "-c", "import lark, click")


def bench_version(benchmark: BenchmarkFixture) -> None:
    process(benchmark, "rbc --version", "-m", "rbdsl.cli.main", "--version")


def bench_check(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "one.rbplan"
    path.write_text(plan("one", 3, 4))
    process(benchmark, "rbc check one.rbplan", *CHECK, str(path))


def bench_check_of_the_example(benchmark: BenchmarkFixture) -> None:
    path = Path(__file__).parents[1] / "examples/api-v2.1/api-v2-1.rbplan"
    process(benchmark, f"rbc check {path.name}", *CHECK, str(path))


def bench_compile(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "one.rbplan"
    path.write_text(plan("one", 3, 4))
    arguments = ["compile", "--quiet", "--out", str(tmp_path), str(path)]
    process(benchmark, "rbc compile one.rbplan", "-m", "rbdsl.cli.main", *arguments)
