"""A process from start to end, beside one that imports lark and click and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from shutil import copytree

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.command import RBC
from benchmarks.texts import plan
from benchmarks.turns import in_turn

pytestmark = pytest.mark.benchmark(group="cold start")
ROUNDS = 15
CHECK = (RBC, "check")
EXAMPLE = Path(__file__).parents[1] / "examples/api-v2.1/api-v2-1.rbplan"


def process(
    benchmark: BenchmarkFixture,
    name: str,
    *arguments: str,
    folder: Path | None = None,
    before: Callable[[], None] = lambda: None,
) -> None:
    """A process beside the bare imports; `before` is called before each round, and not measured."""

    def run() -> None:
        subprocess.run(arguments, cwd=folder, capture_output=True, check=True)

    benchmark.extra_info["name"] = name
    in_turn(benchmark, run, imports, ROUNDS, before)


def imports() -> None:
    subprocess.run([sys.executable, "-c", "import lark, click"], check=True)


def check_edited(benchmark: BenchmarkFixture, path: Path) -> None:
    """A plan that is new each time in a line outside its shell: ShellCheck need not be asked."""
    text, rounds = path.read_text(), count()

    def edit() -> None:
        path.write_text(f"{text}# edit {next(rounds)}\n")

    name = f"rbc check {path.name}, its shell unchanged"
    process(benchmark, name, *CHECK, path.name, folder=path.parent, before=edit)


def bench_imports(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(name="import lark, click", base=True)
    benchmark.pedantic(imports, rounds=ROUNDS, warmup_rounds=1)


def bench_version(benchmark: BenchmarkFixture) -> None:
    process(benchmark, "rbc --version", RBC, "--version")


def bench_check(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "one.rbplan"
    path.write_text(plan("one", 3, 4))
    process(benchmark, "rbc check one.rbplan", *CHECK, "--no-cache", str(path))


def bench_check_without_shellcheck(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "one.rbplan"
    path.write_text(plan("one", 3, 4))
    check_edited(benchmark, path)


def bench_check_of_the_example(benchmark: BenchmarkFixture) -> None:
    process(benchmark, f"rbc check {EXAMPLE.name}", *CHECK, "--no-cache", str(EXAMPLE))


def bench_check_of_the_example_without_shellcheck(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    folder = copytree(EXAMPLE.parent, tmp_path / "example")
    check_edited(benchmark, folder / EXAMPLE.name)


def bench_compile(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "one.rbplan"
    path.write_text(plan("one", 3, 4))
    arguments = ["compile", "--quiet", "--out", str(tmp_path), str(path)]
    process(benchmark, "rbc compile one.rbplan", RBC, *arguments)
