"""TERM and Ctrl-C, in whichever phase: the run stops in order, and can be resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.faults.killing import session_lives, words
from tests.runtime.running import Scripts, plan, wait_for

Compiled = Callable[[str], Scripts]
PHASES = ["one", "two", "three"]


def waiting_in(phase: str) -> str:
    """Phases in a row; the step in the middle of one of them waits until it may go on."""
    blocks = []
    for number, name in enumerate(PHASES):
        after = f"after {PHASES[number - 1]};" if number else ""
        wait = "touch here; while [ ! -e go ]; do sleep 0.05; done" if name == phase else "true"
        blocks.append(f"""  phase {name} "Phase {name}" {{ {after} budget 60s
    step off "Off" {{ rerunnable; run `echo {name}-off >>ran`; undo `echo {name}-on >>ran` }}
    step wait "Wait" {{ rerunnable; run `{wait}; echo {name}-wait >>ran` }}
    ensure step last "Last" {{ run `echo {name}-last >>ran` }}
  }}""")
    return plan("\n".join(blocks))


def ran_by(phase: str, *, undisturbed: bool) -> list[str]:
    """What the steps write, up to the end or up to the signal in a phase."""
    expected: list[str] = []
    for name in PHASES:
        if name == phase and not undisturbed:
            return [*expected, f"{name}-off", f"{name}-on", f"{name}-last"]
        expected += [f"{name}-off", f"{name}-wait", f"{name}-last"]
    return expected


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("phase", PHASES)
def test_a_signal_in_any_phase(compiled: Compiled, phase: str, sign: signal.Signals) -> None:
    scripts = compiled(waiting_in(phase))
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        # Ctrl-C reaches everything in the foreground, TERM the script alone.
        if sign is signal.SIGINT:
            os.killpg(run.pid, sign)
        else:
            run.send_signal(sign)
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 128 + sign, told
    assert not session_lives(run.pid)
    assert words(scripts.folder / "ran") == ran_by(phase, undisturbed=False), told
    assert scripts.events("run_end")[0]["outcome"] == "interrupted"
    assert scripts.document("failure.json")["rollback_failure"]["failure_reason"] == "interrupted"
    assert not (scripts.folder / ".rbc/locks/op-1").exists()
    (scripts.folder / "go").touch()
    (scripts.folder / "ran").unlink()
    resumed = scripts.run("--resume")
    assert resumed.returncode == 0, resumed.stdout
    rest = ran_by(phase, undisturbed=True)
    assert words(scripts.folder / "ran") == rest[rest.index(f"{phase}-off") :], resumed.stdout


def test_a_second_signal_does_not_cut_the_undo_short(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 60s
    step off "Off" { run `true`; undo `touch undoing; sleep 0.5; touch undone` }
    step wait "Wait" { run `touch here; sleep 60` }
    ensure step last "Last" { run `touch ensured` }
  }""")
    )
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        os.killpg(run.pid, signal.SIGINT)
        wait_for(scripts.folder / "undoing")
        os.killpg(run.pid, signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        told, _ = run.communicate(timeout=60)
    assert run.returncode in {130, 143}, told
    assert (scripts.folder / "undone").exists()
    assert (scripts.folder / "ensured").exists()


def test_a_signal_while_a_gate_is_open_or_a_pause_is_made(compiled: Compiled) -> None:
    text = plan("""  phase work "Work" { budget 60s
    step off "Off" { run `true`; undo `touch undone` }
    gate go "Go?" { approvers "dba"; timeout 60s; otherwise abort }
  }
  phase other "Other" { budget 60s
    step again "Again" { retry 5 every 30s; run `touch tried; false` }
  }""")
    scripts = compiled(text)
    with scripts.started() as run:
        wait_for(scripts.folder / "tried")
        while not list(scripts.folder.glob(".rbc/runs/*/gates/*.waiting")):
            assert run.poll() is None
        run.send_signal(signal.SIGTERM)
        told, _ = run.communicate(timeout=20)
    assert run.returncode == 143, told
    assert (scripts.folder / "undone").exists()
    assert [e["decision"] for e in scripts.events("gate_decision")] == ["interrupted"]
    assert {e["outcome"] for e in scripts.events("phase_end")} == {"interrupted"}


@pytest.mark.parametrize("number", [2, 10])
def test_runs_that_start_at_once(compiled: Compiled, number: int) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 60s
    step a "A" { run `echo ran >>ran; while [ ! -e go ]; do sleep 0.05; done` }
  }""")
    )
    runs = [
        subprocess.Popen(
            ["./rollback.sh"],
            cwd=scripts.folder,
            env=scripts.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(number)
    ]
    ended: dict[int, tuple[int, str]] = {}
    while len(ended) < number - 1:
        for run in runs:
            if run.pid not in ended and run.poll() is not None:
                ended[run.pid] = (run.returncode, run.communicate()[1])
    assert {status for status, _ in ended.values()} == {5}
    (winner,) = [run for run in runs if run.pid not in ended]
    for _, told in ended.values():
        assert "op-1 is being rolled back by tester" in told
    (scripts.folder / "go").touch()
    winner.communicate(timeout=60)
    assert winner.returncode == 0
    assert words(scripts.folder / "ran") == ["ran"]
    (journal,) = scripts.folder.glob(".rbc/runs/*/journal.jsonl")
    assert json.loads(journal.read_text().splitlines()[0])["pid"] == winner.pid


def test_the_lock_of_a_killed_owner_is_taken_also_when_its_number_is_in_use_again(
    compiled: Compiled,
) -> None:
    scripts = compiled(plan('  phase work "Work" { budget 60s; step a "A" { run `true` } }'))
    lock = scripts.folder / ".rbc/locks/op-1"
    lock.mkdir(parents=True)
    # This very process has the number, but was born at another time.
    owner = f"eve\t{os.uname().nodename}\t{os.getpid()}\t2026-01-01T00:00:00Z\t1 another-boot\n"
    (lock / "owner").write_text(owner)
    done = scripts.run()
    assert done.returncode == 0, done.stderr
    assert "eve" in scripts.events("lock_stolen")[0]["from"]


def test_a_terminal_that_hangs_up_all_the_time(compiled: Compiled) -> None:
    steps = "; ".join(f'step s{n} "S" {{ run `echo {n}` }}' for n in range(12))
    scripts = compiled(plan(f'  phase work "Work" {{ budget 60s; {steps} }}'))
    with scripts.started() as run:
        wait_for(scripts.folder / ".rbc" / "runs")
        while run.poll() is None:
            os.killpg(run.pid, signal.SIGHUP)
            time.sleep(0.005)
    assert run.returncode == 0
    assert {outcome for _, _, outcome in scripts.outcomes()} == {"done"}
    assert scripts.events("run_end")[0]["outcome"] == "success"
