"""`--auto`: what nobody but a person may decide is not decided, also where a terminal is there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.runtime.running import Scripts, kill_tree, one_phase, plan, wait_for

Compiled = Callable[[str], Scripts]


def typed(scripts: Scripts, command: str, text: str) -> subprocess.CompletedProcess[str]:
    """A command at a terminal where somebody types."""
    return subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        cwd=scripts.folder,
        env=scripts.environment(),
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )


def test_no_gate_is_approved_by_what_is_typed(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """phase work "W" { budget 30s
            gate go "Go on?" { approvers "sre"; timeout 3s; otherwise abort }
            step a "A" { run `touch ran` } }"""
        )
    )
    done = typed(scripts, "./rollback.sh --auto --reason alarm", "yes\n" * 50)
    assert done.returncode == 6
    assert not (scripts.folder / "ran").exists()
    assert scripts.events("gate_decision")[0]["decision"] == "timed_out"


def test_a_step_whose_outcome_is_unknown_ends_the_resume(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { run `echo a >>ran; touch here; while ! test -e go; do sleep 0.05; done` }',
            "budget 50s",
        )
    )
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        kill_tree(run.pid)
        run.wait(timeout=10)
    (scripts.folder / "go").touch()
    done = typed(scripts, "./rollback.sh --resume --auto", "d\nr\n" * 20)
    assert done.returncode == 3
    assert (scripts.folder / "ran").read_text() == "a\n"
