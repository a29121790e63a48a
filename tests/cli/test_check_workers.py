"""`rbc check` of many plans ends well when its processes are interrupted or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rbdsl.project.many import cores
from tests.cli.conftest import PLAN

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find workers"),
    pytest.mark.skipif(cores() == 1, reason="with one core there are no workers"),
]

Run = subprocess.Popen[str]


@pytest.fixture
def busy(folder: Path, tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Starts a check of many plans, and waits until a ShellCheck of a worker has been given work.

    Temporary files go to the folder `temporary`.
    """
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    steps = "".join(
        f'    step more{n} "M" {{ timeout 50s; run `echo "{n} PLAN" >"$HOME/{n}"` }}\n'
        for n in range(30)
    )
    text = PLAN.replace('  phase tidy "Tidy up" {', f'  phase tidy "Tidy up" {{\n{steps}')
    for number in range(80):
        content = text.replace("PLAN", str(number)).replace("plan shop", f"plan shop{number}")
        (folder / f"{number}.rbplan").write_text(content)
    started: list[Run] = []

    def start() -> Run:
        process = subprocess.Popen(
            [sys.executable, "-m", "rbdsl.cli.main", "check", "."],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(temporary), "RBC_TRACEBACK": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        while process.poll() is None and not list(temporary.glob("rbc-*/.rbc-piece-9")):
            time.sleep(0.002)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_an_interrupt_ends_all_of_them_and_leaves_nothing(
    busy: Callable[[], Run], tmp_path: Path
) -> None:
    process = busy()
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors.strip()) == (130, "", "interrupted")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_worker_that_is_killed_is_an_internal_error(busy: Callable[[], Run]) -> None:
    process = busy()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (2, "")
    assert "internal error: a worker process was ended from outside" in errors
