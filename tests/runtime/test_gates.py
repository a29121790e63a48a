"""Answers to gates that are none, and gates that got none."""

from __future__ import annotations

from collections.abc import Callable

from tests.runtime.running import Scripts, plan, wait_until

Compiled = Callable[[str], Scripts]

GATED = plan("""  phase work "Work" { budget 60s
    gate go "Go?" { approvers "dba"; timeout 30s; otherwise abort }
  }""")


def test_what_is_no_answer_is_told_and_blocks_none(compiled: Compiled) -> None:
    scripts = compiled(GATED)
    with scripts.started() as run:
        wait_until(lambda: any(scripts.folder.glob(".rbc/runs/*/gates/*.waiting")), "no gate waits")
        token = scripts.run_folder / "gates" / "work.go"
        token.write_text("yes bob\n")
        wait_until(lambda: not token.exists(), "it is left there")
        answered = scripts.run("--approve", "go", "--as", "eve")
        assert answered.returncode == 0, answered.stderr
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 0
    assert "`yes bob` is no answer, and is removed: write `approved NAME` or `denied NAME`" in told


def test_a_gate_that_nobody_answered_is_no_decision_of_a_person(compiled: Compiled) -> None:
    scripts = compiled(
        GATED.replace("timeout 30s; otherwise abort", "timeout 1s; otherwise continue")
    )
    assert scripts.run().returncode == 0
    quality = scripts.document("metrics.json")["rollback_metrics"]["quality_metrics"]
    assert quality["manual_intervention_required"] is False
    assert "**Manual Intervention**: 0 decisions" in (scripts.run_folder / "report.md").read_text()
