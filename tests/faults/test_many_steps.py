"""A plan of a thousand steps in twenty phases, killed in the middle and resumed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable

from tests.runtime.running import Scripts, kill_tree, plan

PHASES, STEPS = 20, 50


def phase(number: int) -> str:
    """Fifty steps that say who they are, after those of the phase before."""
    after = f"after p{number - 1};" if number else ""
    steps = "\n".join(
        f'    step s{step} "S" {{ rerunnable; timeout 1m; run `echo {number}.{step} >>ran` }}'
        for step in range(STEPS)
    )
    return f'  phase p{number} "P" {{ {after} budget 10m\n{steps}\n  }}'


def test_a_thousand_steps_in_twenty_phases(compiled: Callable[[str], Scripts]) -> None:
    scripts = compiled(plan("\n".join(phase(number) for number in range(PHASES))))
    ran = scripts.folder / "ran"
    with scripts.started() as run:
        while not ran.exists() or ran.read_text().count("\n") < 500:
            assert run.poll() is None
            time.sleep(0.1)
        kill_tree(run.pid)
        run.wait(timeout=60)
    with scripts.started("--resume") as resumed:
        told, _ = resumed.communicate(timeout=900)
    assert resumed.returncode == 0, told[-2000:]
    expected = [f"{number}.{step}" for number in range(PHASES) for step in range(STEPS)]
    done = ran.read_text().split()
    # Each in its turn, and at most the one that was under way a second time.
    assert list(dict.fromkeys(done)) == expected
    assert len(done) <= len(expected) + 1
    previous = "0" * 64
    for line in (scripts.run_folder / "journal.jsonl").read_text().splitlines():
        assert json.loads(line)["prev"] == previous
        previous = hashlib.sha256(f"{line}\n".encode()).hexdigest()
    assert f"{PHASES} of {PHASES} phases done" in scripts.run("--status").stdout
