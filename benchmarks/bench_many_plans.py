"""`rbc check` of many plans of 100 lines in one process."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.texts import plan
from rbdsl.cli.main import commands

pytestmark = pytest.mark.benchmark(group="rbc check in one process")
TEXT = plan("name", 3, 4)


@pytest.mark.parametrize("count", [100, 1000])
def bench_check(benchmark: BenchmarkFixture, tmp_path: Path, count: int) -> None:
    for number in range(count):
        content = TEXT.replace("plan name", f"plan name{number}")
        (tmp_path / f"{number}.rbplan").write_text(content)

    def run() -> None:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            commands.main(["check", str(tmp_path)], prog_name="rbc", standalone_mode=False)

    lines = TEXT.count("\n")
    benchmark.extra_info.update(name=f"{count} plans of {lines} lines", size=count, unit="plan")
    benchmark.pedantic(run, rounds=2)
