"""When a point of no return is asked, and what counts as an answer."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.runtime.running import Scripts, plan, wait_for_gate, wait_until

Compiled = Callable[[str], Scripts]
PLAN = plan(
    """
  service api in production
  point_of_no_return gone "Migrated" {
    because "the schema changed"
    crossed when `PROBE`
    blocks database
    forward_fix { step fix "Compensate" { run `touch fixed` } }
  }
  phase before "Before" { budget 10s
    step a "A" { run `touch before` }
    step b "B" { run `test -e mended; touch again` } }
  phase database "Database" { needs before; budget 10s; step d "D" { run `touch database` } }
"""
)


def test_a_probe_that_hangs_counts_as_crossed(compiled: Compiled) -> None:
    scripts = compiled(PLAN.replace("PROBE", "sleep 600"))
    done = scripts.run()  # ends by itself, long before
    assert done.returncode == 4
    assert "the schema changed" in done.stdout
    assert scripts.left() == [".rbc"]


def test_it_is_asked_again_before_anything_is_resumed(compiled: Compiled) -> None:
    scripts = compiled(
        PLAN.replace("PROBE", "echo asked >>asked; ! test -e crossed || exit 0; exit 1")
    )
    assert scripts.run().returncode == 1
    (scripts.folder / "mended").touch()
    (scripts.folder / "crossed").touch()
    resumed = scripts.run("--resume")
    assert resumed.returncode == 4
    assert scripts.left() == [".rbc", "asked", "before", "crossed", "mended"]


FIXED_LATE = plan(
    """
  point_of_no_return mig "Migrated" {
    because "b"
    crossed when `test -e crossed`
    blocks x
    forward_fix {
      step comp "Comp" { timeout 10s; run `echo comp >>ran` }
      GATE
    }
  }
  phase z "Z" { budget 10s; step t "T" { run `touch crossed` } }
  phase x "X" { needs z; budget 10s; step d "D" { run `touch done` } }
"""
)


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_the_question_about_the_forward_fix_is_shown_and_answered(
    compiled: Compiled, answer: str
) -> None:
    scripts = compiled(FIXED_LATE.replace("GATE", ""))
    with scripts.at_a_terminal() as terminal:
        terminal.wait_for("Run the forward fix now?")
        terminal.type(answer)
        assert terminal.end() == 4, terminal.seen
    assert (scripts.folder / "ran").exists() is (answer == "yes")


def test_the_question_about_the_forward_fix_ends_with_an_interrupt(compiled: Compiled) -> None:
    scripts = compiled(FIXED_LATE.replace("GATE", ""))
    with scripts.at_a_terminal() as terminal:
        terminal.wait_for("Run the forward fix now?")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130, terminal.seen
    assert not (scripts.folder / "ran").exists()


def test_a_gate_of_a_forward_fix_is_answered_by_the_command_that_is_shown(
    compiled: Compiled,
) -> None:
    gate = 'manual data "Look" { by "dba"; timeout 20s }'
    scripts = compiled(FIXED_LATE.replace("GATE", gate))
    (scripts.folder / "crossed").touch()
    with scripts.started("--forward-fix", "mig") as run:
        wait_for_gate(scripts)
        answered = scripts.run("--approve", "point.mig/data", "--as", "eve")
        assert answered.returncode == 0, answered.stderr
        run.communicate(timeout=20)
    assert run.returncode == 0


def test_what_is_said_after_a_forward_fix_can_be_done(compiled: Compiled) -> None:
    scripts = compiled(FIXED_LATE.replace("GATE", 'step e "E" { run `test -e mended` }'))
    (scripts.folder / "crossed").touch()
    failed = scripts.run("--forward-fix", "mig").stdout
    assert "mended: ./rollback.sh --forward-fix mig" in failed.replace(f"{scripts.folder}", ".")
    assert "--resume" not in failed
    (scripts.folder / "mended").touch()
    fixed = scripts.run("--auto", "--reason", "r")
    assert fixed.returncode == 4
    assert "NOT ROLLED BACK, but fixed forward" in fixed.stdout
    assert "--resume" not in fixed.stdout


def test_past_the_point_no_resume_is_advised(compiled: Compiled) -> None:
    scripts = compiled(PLAN.replace("PROBE", "true"))
    refused = scripts.run()
    assert refused.returncode == 4
    assert "--forward-fix gone runs it" in refused.stdout
    assert "--resume" not in refused.stdout


def test_where_nobody_knows_a_resume_is_advised(compiled: Compiled) -> None:
    unsure = compiled(PLAN.replace("PROBE", "exit 7")).run()
    assert unsure.returncode == 4
    assert "when the cause is mended" in unsure.stdout


def test_the_journal_says_what_came_of_a_probe(compiled: Compiled) -> None:
    scripts = compiled(PLAN.replace("PROBE", "test -e crossed"))
    (scripts.folder / "mended").touch()
    assert scripts.run().returncode == 0
    (scripts.folder / "crossed").touch()
    assert scripts.run("--run-dir", "second").returncode == 4
    assert {e["outcome"] for e in scripts.events("probe")} == {"not crossed"}
    assert '"status":0,"outcome":"crossed"' in (scripts.folder / "second/journal.jsonl").read_text()


@pytest.mark.parametrize("probing", ["before the run", "before its phase"])
def test_a_signal_while_a_point_is_asked_is_no_answer(compiled: Compiled, probing: str) -> None:
    wait = "touch here; sleep 60; exit 1"
    if probing == "before its phase":
        wait = f"test -e before || exit 1; {wait}"
    scripts = compiled(PLAN.replace("PROBE", wait))
    (scripts.folder / "mended").touch()
    with scripts.started() as run:
        wait_until((scripts.folder / "here").exists, "the probe never began")
        run.terminate()
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 143, told
    assert "past the point" not in told
    assert scripts.events("probe")[-1]["outcome"] == "interrupted"
    assert not (scripts.folder / "database").exists()


def test_the_question_about_the_forward_fix_says_how_long_it_waits(compiled: Compiled) -> None:
    scripts = compiled(FIXED_LATE.replace("GATE", ""))
    path = scripts.folder / "rollback.sh"
    path.write_text(path.read_text().replace("limit=1800", "limit=90"))
    with scripts.at_a_terminal() as terminal:
        terminal.wait_for("Type yes or no within ")
        terminal.wait_for("s\r\n", terminal.seen.count("s\r\n") + 1)
        said = terminal.seen.split("Type yes or no within ")[1].split()[0]
        assert said.startswith("1m"), said
        terminal.type("no")
        assert terminal.end() == 4, terminal.seen
