"""`rollback.sh` with steps that do next to nothing, against the bare commands: what a step costs
in journal, log, time limit and flush to the disk.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.benchmark(group="running steps")


def plan(phases: int, steps: int) -> str:
    """One phase after another, each with so many steps."""
    parts = ['rbplan 1\nplan many "Many" {\n  level 2\n']
    for phase in range(phases):
        after = f"after p{phase - 1};" if phase else ""
        parts.append(f'phase p{phase} "P" {{ {after} budget 1m\n')
        parts += [f'step s{n} "S" {{ timeout 5s; run `true` }}\n' for n in range(steps)]
        parts.append("}\n")
    last = f"after p{phases - 1}"
    return "".join(parts) + (
        f'phase proof "Proof" {{ {last}; budget 10s; verify }}\n'
        'verification { check c "C" { expect `true` } }\n'
        "testing { in staging { passed 2025-12-08T10:00:00Z; took 1m } }\n}\n"
    )


def run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)


def bench_bare(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """The same commands, each in a strict bash of its own, with nothing around them."""
    text = "\n".join(["bash -euo pipefail -c true"] * 200)
    (tmp_path / "bare.sh").write_text(f"set -e\n{text}\n")
    benchmark.extra_info.update(name="200 bare commands", size=200, unit="step", base=True)
    benchmark.pedantic(run, ("bash", "bare.sh"), {"folder": tmp_path}, rounds=3)


@pytest.mark.parametrize(("phases", "steps"), [(1, 200), (20, 50)])
def bench_rollback(benchmark: BenchmarkFixture, tmp_path: Path, phases: int, steps: int) -> None:
    source = tmp_path / "many.rbplan"
    source.write_text(plan(phases, steps))
    compiled = [sys.executable, "-m", "rbdsl.cli.main", "compile", "--quiet"]
    subprocess.run(
        [*compiled, "--out", str(tmp_path), str(source)], stderr=subprocess.DEVNULL, check=True
    )
    size = phases * steps
    benchmark.extra_info.update(name=f"{size} steps in {phases} phases", size=size, unit="step")
    script = str(tmp_path / "many" / "rollback.sh")
    benchmark.pedantic(run, (script,), {"folder": tmp_path}, rounds=1 if phases > 1 else 3)
