"""Answers to gates that are none, and gates that got none."""

from __future__ import annotations

from collections.abc import Callable

from tests.runtime.monitored import hear
from tests.runtime.running import Scripts, kill_tree, plan, wait_for_gate, wait_until

Compiled = Callable[[str], Scripts]

GATED = plan("""  phase work "Work" { budget 60s
    gate go "Go?" { approvers "dba"; timeout 30s; otherwise abort }
  }""")


def test_what_is_no_answer_is_told_and_blocks_none(compiled: Compiled) -> None:
    scripts = compiled(GATED)
    with scripts.started() as run:
        wait_for_gate(scripts)
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


def test_the_command_for_a_gate_can_be_typed_where_it_is_shown(compiled: Compiled) -> None:
    scripts = compiled(GATED)
    with scripts.started() as run:
        wait_for_gate(scripts)
        kill_tree(run.pid)
        run.wait(timeout=60)
    elsewhere = scripts.elsewhere()
    resume = ["--resume", "--run-dir", str(scripts.run_folder)]
    with scripts.started(*resume, cwd=elsewhere) as resumed:
        command = hear(resumed, "answer with: ").split("answer with: ")[1].split("    or    ")[0]
        answered = scripts.execute("bash", "-c", command.replace("YOU", "eve"), cwd=elsewhere)
        assert answered.returncode == 0, answered.stderr
        resumed.communicate(timeout=60)
    assert resumed.returncode == 0


def test_a_gate_that_there_is_not_is_called_so(compiled: Compiled) -> None:
    scripts = compiled(GATED)
    with scripts.started() as run:
        wait_for_gate(scripts)
        wrong = scripts.run("--approve", "og", "--as", "eve")
        assert wrong.returncode == 2
        assert "no gate `og` waits, but: work/go" in wrong.stderr
        assert scripts.run("--deny", "go", "--as", "eve").returncode == 0
        run.communicate(timeout=60)
    assert run.returncode == 6
    assert "last error: work: denied by eve" in scripts.run("--status").stdout
