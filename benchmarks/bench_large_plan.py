"""`rbc compile` of one plan with very many steps, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.texts import plan

pytestmark = pytest.mark.benchmark(group="compiling one large plan")

PEAK = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
)


@pytest.mark.parametrize("steps", [1250, 2500, 5000, 10000])
def bench_compile(benchmark: BenchmarkFixture, tmp_path: Path, steps: int) -> None:
    path = tmp_path / "large.rbplan"
    path.write_text(plan("large", steps // 50, 50, budget="8s", timeout="10ms"))
    rbc = [sys.executable, "-m", "rbdsl.cli.main", "compile", "--quiet", "--out", str(tmp_path)]

    def run() -> float:
        command = [sys.executable, "-c", PEAK, *rbc, str(path)]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    benchmark.extra_info.update(name=f"{steps} steps", size=steps, unit="step")
    benchmark.extra_info["peak_mb"] = benchmark.pedantic(run, rounds=1)
