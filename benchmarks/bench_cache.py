"""`rbc check` of 1,000 plans with 10 shell steps each: cold beside ShellCheck alone on the same
shell, and a second time beside what can't be saved, the interpreter with click and the hashes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.command import RBC
from benchmarks.texts import with_shell
from benchmarks.turns import in_turn
from rbdsl.analysis.policy import shipped_policies
from rbdsl.compiler import examine
from rbdsl.project.files import read_source
from rbdsl.project.many import cores
from rbdsl.project.modules import ProjectLoader
from rbdsl.project.shellcheck_program import locate

COUNT = 1000
HASHES = """
import hashlib, os, click
for name in os.listdir("."):
    if name.endswith(".rbplan"):
        with open(name, "rb") as file:
            hashlib.sha256(file.read()).hexdigest()
"""
CHECK = (RBC, "check", ".")

cold = pytest.mark.benchmark(group="rbc check of 1,000 plans, cold")
warm = pytest.mark.benchmark(group="rbc check of 1,000 plans, unchanged")


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with so many plans, no two steps of which are alike."""
    folder = tmp_path_factory.mktemp("plans")
    (folder / "rbc.toml").touch()
    for number in range(COUNT):
        (folder / f"{number:04}.rbplan").write_text(with_shell(f"plan{number}"))
    return folder


def quietly(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)


@pytest.fixture(scope="module")
def scripts(plans: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    """The same shell as files, as ShellCheck gets it, dealt out to as many processes as cores."""
    folder = tmp_path_factory.mktemp("scripts")
    names: list[str] = []
    for path in sorted(plans.glob("*.rbplan")):
        source, _ = read_source(path)
        assert source is not None
        for script in examine(source, ProjectLoader(path), shipped_policies()).scripts:
            names.append(str(len(names)))
            (folder / names[-1]).write_text(script.text)
    return folder, [names[first :: cores()] for first in range(cores())]


@cold
def bench_shellcheck_alone(
    benchmark: BenchmarkFixture, scripts: tuple[Path, list[list[str]]]
) -> None:
    folder, shares = scripts

    def look(names: list[str]) -> None:
        quietly(locate(), "--norc", "--format=json1", *names, folder=folder)

    def run() -> None:
        with ThreadPoolExecutor(len(shares)) as threads:
            list(threads.map(look, shares))

    pieces = sum(map(len, shares))
    benchmark.extra_info.update(name=f"ShellCheck, {pieces:,} pieces", base=True)
    benchmark.pedantic(run, rounds=1)


@cold
def bench_rbc_cold(benchmark: BenchmarkFixture, plans: Path) -> None:
    benchmark.extra_info.update(name="rbc check --no-cache")
    benchmark.pedantic(quietly, (*CHECK, "--no-cache"), {"folder": plans}, rounds=1)


@warm
def bench_click_and_hashes(benchmark: BenchmarkFixture, plans: Path) -> None:
    benchmark.extra_info.update(name="import click, hash the plans", base=True)
    benchmark.pedantic(
        quietly, (sys.executable, "-c", HASHES), {"folder": plans}, rounds=15, warmup_rounds=1
    )


@warm
def bench_rbc_unchanged(benchmark: BenchmarkFixture, plans: Path) -> None:
    shutil.rmtree(plans / ".rbc_cache", ignore_errors=True)
    quietly(*CHECK, folder=plans)
    benchmark.extra_info.update(name="rbc check")
    hashes = (sys.executable, "-c", HASHES)
    in_turn(
        benchmark, lambda: quietly(*CHECK, folder=plans), lambda: quietly(*hashes, folder=plans), 15
    )
