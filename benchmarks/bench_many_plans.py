"""Checking many plans of 100 lines in one process, without ShellCheck and without the cache."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.texts import plan
from rbdsl.analysis.policy import shipped_policies
from rbdsl.project.batch import File, check_batch
from rbdsl.project.files import read_source
from rbdsl.project.modules import Shelf

pytestmark = pytest.mark.benchmark(group="rbc check in one process")
TEXT = plan("name", 3, 4)


@pytest.mark.parametrize("count", [100, 1000])
def bench_check(benchmark: BenchmarkFixture, tmp_path: Path, count: int) -> None:
    paths = [tmp_path / f"{number}.rbplan" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(TEXT.replace("plan name", f"plan name{number}"))

    def run() -> None:
        for path in paths:
            source, _ = read_source(path)
            assert source is not None
            files = [File(path, source)]
            check_batch(files, shipped_policies(), datetime.now(UTC), None, Shelf())

    lines = TEXT.count("\n")
    benchmark.extra_info.update(name=f"{count} plans of {lines} lines", size=count, unit="plan")
    benchmark.pedantic(run, rounds=2)
