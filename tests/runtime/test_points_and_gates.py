"""Points of no return, gates and manual steps."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, plan, wait_for_gate

Compiled = Callable[[str], Scripts]

POINT = plan(
    """
  service api in production
  point_of_no_return gone "Migrated" {
    because "the schema changed"
    crossed when `echo asked >> asked; exit "$(cat answer)"`
    blocks database
    forward_fix { step fix "Compensate" { run `touch fixed` }
      STEP }
  }
  phase before "Before" { budget 10s; step a "A" { run `touch before; FLIP` } }
  phase database "Database" { needs before; budget 10s; step d "D" { run `touch database` }
    ensure step e "E" { run `touch ensured` } }
  phase other "Other" { after before; budget 10s; step o "O" { for api; run `touch other` } }
  scenario app "App" { run before, other; use_when "x" }
"""
).replace("STEP", "")


def with_answer(compiled: Compiled, text: str, answer: str) -> Scripts:
    scripts = compiled(text)
    (scripts.folder / "answer").write_text(answer)
    return scripts


def test_not_crossed(compiled: Compiled) -> None:
    scripts = with_answer(compiled, POINT.replace("FLIP", "true"), "1")
    assert scripts.run().returncode == 0
    # Before the run, and again before the blocked phase.
    assert (scripts.folder / "asked").read_text() == "asked\n" * 2


@pytest.mark.parametrize("answer", ["0", "2", "127", "255"])
def test_crossed_or_not_known_before_the_run(compiled: Compiled, answer: str) -> None:
    scripts = with_answer(compiled, POINT.replace("FLIP", "true"), answer)
    result = scripts.run()
    assert result.returncode == 4
    assert scripts.left() == [".rbc", "answer", "asked"]
    assert "--scenario app" in result.stdout
    assert "the schema changed" in result.stdout


def test_a_probe_that_hangs_or_breaks_counts_as_crossed(compiled: Compiled) -> None:
    text = POINT.replace('exit "$(cat answer)"', "no-such-command; true").replace("FLIP", "true")
    assert compiled(text).run().returncode == 4


def test_crossed_while_running(compiled: Compiled) -> None:
    scripts = with_answer(compiled, POINT.replace("FLIP", "echo 0 > answer"), "1")
    assert scripts.run().returncode == 4
    left = scripts.left()
    assert "before" in left
    assert "database" not in left
    assert "ensured" not in left


def test_a_scenario_without_blocked_phases_stays_possible(compiled: Compiled) -> None:
    scripts = with_answer(compiled, POINT.replace("FLIP", "true"), "0")
    assert scripts.run("--scenario", "app").returncode == 0
    assert "other" in scripts.left()


@pytest.mark.parametrize(
    ("answer", "arguments", "fixed"),
    [
        ("0", ["--auto", "--reason", "r"], True),
        ("2", ["--auto", "--reason", "r"], False),
        ("0", [], False),
        ("0", ["--forward-fix", "gone"], True),
    ],
)
def test_the_forward_fix(
    compiled: Compiled, answer: str, arguments: list[str], fixed: bool
) -> None:
    scripts = with_answer(compiled, POINT.replace("FLIP", "true"), answer)
    result = scripts.run(*arguments)
    assert result.returncode == (0 if "--forward-fix" in arguments else 4), result.stdout
    assert ("fixed" in scripts.left()) is fixed


def gated(otherwise: str = "abort", timeout: str = "20s") -> str:
    return plan(
        f"""
  phase work "Work" {{ budget 30s
    step a "A" {{ run `touch a`; undo `touch undone` }}
    gate ok "Go on?" {{ approvers "dba"; timeout {timeout}; otherwise {otherwise} }}
    step b "B" {{ run `touch b` }} }}
"""
    )


@pytest.mark.parametrize(
    ("option", "status", "decision"), [("--approve", 0, "approved"), ("--deny", 6, "denied")]
)
def test_a_gate_is_decided_from_another_shell(
    compiled: Compiled, option: str, status: int, decision: str
) -> None:
    scripts = compiled(gated())
    with scripts.started("--auto", "--reason", "r") as run:
        wait_for_gate(scripts)
        answer = scripts.run(option, "ok", "--as", "alice")
        assert answer.returncode == 0, answer.stderr
        run.communicate(timeout=20)
    assert run.returncode == status
    (decided,) = scripts.events("gate_decision")
    assert (decided["decision"], decided["who"], decided["role"]) == (decision, "alice", "dba")
    assert ("b" in scripts.left()) is (status == 0)
    assert ("undone" in scripts.left()) is (status != 0)


def test_a_gate_is_decided_by_a_token_file(compiled: Compiled) -> None:
    scripts = compiled(gated())
    with scripts.started() as run:
        wait_for_gate(scripts)
        (scripts.run_folder / "gates" / "work.ok").write_text("approved bob\n")
        run.communicate(timeout=20)
    assert run.returncode == 0
    assert scripts.events("gate_decision")[0]["who"] == "bob"


@pytest.mark.parametrize(("otherwise", "status"), [("abort", 6), ("continue", 0)])
def test_a_gate_that_nobody_answers(compiled: Compiled, otherwise: str, status: int) -> None:
    scripts = compiled(gated(otherwise, "500ms"))
    assert scripts.run("--auto", "--reason", "r").returncode == status
    assert scripts.events("gate_decision")[0]["decision"] == (
        "timed_out" if status else "continued"
    )


def test_an_answer_to_a_gate_that_does_not_wait(compiled: Compiled) -> None:
    scripts = compiled(gated())
    assert scripts.run("--approve", "ok", "--as", "x").returncode == 3
    assert scripts.run("--approve", "ok").returncode == 2


def test_a_manual_step_is_confirmed_like_a_gate(compiled: Compiled) -> None:
    scripts = compiled(
        plan('phase work "Work" { budget 30s; manual look "Look at it" { by "sre"; timeout 20s } }')
    )
    with scripts.started() as run:
        wait_for_gate(scripts)
        assert scripts.run("--approve", "work/look", "--as", "eve").returncode == 0
        run.communicate(timeout=20)
    assert run.returncode == 0


def test_a_person_at_the_terminal_decides(compiled: Compiled) -> None:
    scripts = compiled(gated())
    with scripts.at_a_terminal() as terminal:
        terminal.wait_for("answer with")
        terminal.type("yes")
        assert terminal.end() == 0, terminal.seen
    assert scripts.events("gate_decision")[0]["who"] == "tester"
    assert Path(scripts.folder / "b").exists()


def test_what_was_typed_before_a_question_is_no_answer_to_it(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 60s
    step slow "Slow" { run `while [ ! -e go ]; do sleep 0.05; done` }
    gate first "First?" { approvers "dba"; timeout 40s; otherwise abort }
    gate second "Second?" { approvers "dba"; timeout 40s; otherwise abort }
  }""")
    )
    with scripts.at_a_terminal(early="yes\nyes\n") as terminal:
        terminal.wait_for("Slow")
        terminal.type("yes")
        (scripts.folder / "go").touch()
        terminal.wait_for("answer with")
        terminal.type("yes")
        terminal.wait_for("First?: approved by tester")
        terminal.wait_for("answer with", times=2)
        terminal.type("no")
        assert terminal.end() == 6, terminal.seen
    assert [e["decision"] for e in scripts.events("gate_decision")] == ["approved", "denied"]


def test_the_turn_to_read_the_terminal_does_not_get_lost(compiled: Compiled) -> None:
    """A `read` whose time is over can have taken the byte all the same: status 142, and it is there."""
    gates = "abcdef"
    scripts = compiled(
        plan(
            "\n".join(
                f'phase {name} "{name}" {{ budget 60s; gate go "{name}?" '
                f'{{ approvers "dba"; timeout 50s; otherwise abort }} }}'
                for name in gates
            )
        )
    )
    # What comes together once in some thousand seconds does so here within a few lines.
    script = scripts.folder / "rollback.sh"
    text = script.read_text(encoding="utf-8")
    often = text.replace("rbc_hear 1", "rbc_hear 0.001")
    often = often.replace("-u 7; then\n      sleep 0.2", "-u 7; then\n      :")
    assert often.count("0.001") == 1
    assert text.count("sleep 0.2") == often.count("sleep 0.2") + 1
    script.write_text(often, encoding="utf-8")
    with scripts.at_a_terminal() as terminal:
        for name in gates:
            terminal.wait_for(f"yes {name}/go")
        for times in range(1, 41):
            terminal.type("yes nothing")
            terminal.wait_for("`yes nothing` may be meant for", times)
        for name in gates:
            terminal.type(f"yes {name}/go")
            terminal.wait_for(f"{name}?: approved")
        assert terminal.end() == 0, terminal.seen


def test_of_two_questions_at_a_terminal_each_is_answered_by_its_name(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase left "Left" { budget 60s
    gate go "Left?" { approvers "dba"; timeout 40s; otherwise abort } }
  phase right "Right" { budget 60s
    gate go "Right?" { approvers "dba"; timeout 40s; otherwise abort } }""")
    )
    with scripts.at_a_terminal() as terminal:
        for gate in ("left/go", "right/go"):
            terminal.wait_for(f"yes {gate}")
        for answer in ("yes", "yes go"):
            terminal.type(answer)
            terminal.wait_for(f"`{answer}` may be meant for")
        assert scripts.events("gate_decision") == []
        terminal.type("yes right/go")
        terminal.wait_for("Right?: approved")
        terminal.type("no")  # one question is left
        assert terminal.end() == 6, terminal.seen
    decided = [(e["unit"], e["decision"]) for e in scripts.events("gate_decision")]
    assert decided == [("right", "approved"), ("left", "denied")]


def hints(run: subprocess.Popen[str], mark: str = "answer with") -> list[str]:
    """The commands that a run tells a person to type, once it does."""
    assert run.stdout is not None
    for line in run.stdout:
        if mark in line:
            return re.findall(r"\S*rollback\.sh --.*?(?=    |$)", line.strip())
    raise AssertionError("no hint")


TWO_REGIONS = """rbplan 1
plan demo "Demo" {
  operation "op-1"
  level 4
  regions { wave eu; wave us }
  phase work "Work" { budget 60s; gate go "Go?" { approvers "dba"; timeout 40s; otherwise abort } }
}
"""


def test_the_hint_of_a_gate_reaches_it_beside_another_run(compiled: Compiled) -> None:
    scripts = compiled(TWO_REGIONS)
    with scripts.started("--region", "eu") as eu:
        approve, deny = hints(eu)
        with scripts.started("--region", "us") as us:
            hints(us)
            for option in (["--approve", "go", "--as", "ann"], ["--status"]):
                unclear = scripts.run(*option)
                assert unclear.returncode == 2
                assert "--region eu" in unclear.stderr
                assert "--region us" in unclear.stderr
            assert "region eu" in scripts.run("--status", "--region", "eu").stdout
            subprocess.run(["bash", "-c", deny], cwd=scripts.folder, check=True)
            eu.communicate(timeout=30)
            assert eu.returncode == 6
            assert us.poll() is None
            assert scripts.run("--approve", "go", "--as", "ann").returncode == 0
            us.communicate(timeout=30)
            assert us.returncode == 0
    with scripts.started("--region", "eu") as eu:  # the journal of us was written last
        approve, _ = hints(eu)
        subprocess.run(["bash", "-c", approve], cwd=scripts.folder, check=True)
        eu.communicate(timeout=30)
        assert eu.returncode == 0


def test_the_hint_of_a_gate_reaches_a_run_in_a_folder_of_its_own(compiled: Compiled) -> None:
    scripts = compiled(TWO_REGIONS.replace("  regions { wave eu; wave us }\n", ""))
    with scripts.started("--run-dir", "my run") as run:
        approve, _ = hints(run)
        status = scripts.run("--status").stdout
        assert "run my run" in status
        assert "process is gone" not in status
        subprocess.run(["bash", "-c", approve], cwd=scripts.folder, check=True)
        run.communicate(timeout=30)
    assert run.returncode == 0


REGIONS = """rbplan 1
plan demo "Demo" {
  operation "op-1"
  level 4
  regions {
    wave us
    gate ok "Healthy?" { approvers "sre"; timeout 20s; otherwise abort }
    wave eu, ap
  }
  phase before "Before" { global; budget 10s; step a "A" { run `echo "before" >> log` } }
  phase work "Work" { after before; budget 10s; step w "W" { run `echo "$region" >> log; test "$region" != "$(cat bad)"` } }
  phase check "Check" { after work; budget 10s; step c "C" { run `echo "check $region" >> log` } }
  phase end "End" { global; after check; budget 10s; step e "E" { run `echo "end" >> log` } }
}
"""


def test_regions_run_in_waves_with_a_gate_between(compiled: Compiled) -> None:
    scripts = compiled(REGIONS)
    (scripts.folder / "bad").write_text("none")
    with scripts.started() as run:
        wait_for_gate(scripts)
        log = (scripts.folder / "log").read_text().split("\n")
        assert log == ["before", "us", "check us", ""]
        scripts.run("--approve", "ok", "--as", "x")
        run.communicate(timeout=20)
    assert run.returncode == 0
    log = (scripts.folder / "log").read_text().splitlines()
    assert sorted(log[3:7]) == ["ap", "check ap", "check eu", "eu"]
    assert log[7:] == ["end"]


@pytest.mark.parametrize(("otherwise", "status"), [("abort", 6), ("continue", 0)])
def test_a_gate_between_waves_does_not_wait_for_ever(
    compiled: Compiled, otherwise: str, status: int
) -> None:
    gate = f'gate ok "All well?" {{ approvers "sre-lead"; timeout 1s; otherwise {otherwise} }}'
    text = re.sub(r"gate ok[^\n]*", lambda _: gate, REGIONS)
    scripts = compiled(text)
    (scripts.folder / "bad").write_text("none")
    result = scripts.run()
    assert result.returncode == status, result.stdout
    assert "WAITS for a person: All well? (sre-lead)" in result.stdout
    assert "PHASE between the waves" in result.stdout
    second_wave = "eu" in (scripts.folder / "log").read_text().splitlines()
    assert second_wave == (status == 0)


def test_a_failed_region_stops_the_waves_after_it(compiled: Compiled) -> None:
    scripts = compiled(REGIONS)
    (scripts.folder / "bad").write_text("us")
    assert scripts.run().returncode == 1
    assert (scripts.folder / "log").read_text().splitlines() == ["before", "us"]


def test_one_region_alone(compiled: Compiled) -> None:
    scripts = compiled(REGIONS)
    (scripts.folder / "bad").write_text("none")
    assert scripts.run("--region", "eu").returncode == 0
    log = (scripts.folder / "log").read_text().splitlines()
    assert log == ["before", "eu", "check eu", "end"]


def test_the_sla_of_level_4_is_one_of_each_region(compiled: Compiled) -> None:
    text = (
        REGIONS.replace("    gate ok", "    wave au\n    gate ok")
        .replace(
            'phase before "Before" { global; budget 10s; step a "A" { run `',
            'phase before "Before" { global; budget 10s; step a "A" { run `sleep 3; ',
        )
        .replace('run `echo "check $region" >> log`', "run `[[ $region != au ]] || sleep 4`")
    )
    text = re.sub(r"    gate ok.*\n", "", text)
    scripts = compiled(text)
    (scripts.folder / "bad").write_text("none")
    path = scripts.folder / "rollback.sh"
    path.write_text(path.read_text().replace("sla=600", "sla=2"))
    result = scripts.run()
    assert result.returncode == 8
    assert [e["where"] for e in scripts.events("sla_breach")] == [" in au"]
    execution = scripts.document("metrics.json")["rollback_metrics"]["rollback_execution"]
    assert 3 <= execution["total_duration_seconds"] <= 6


REGIONAL = """rbplan 1
plan demo "Demo" {
  operation "op-1"
  level 4
  regions { wave us; wave eu }
  capture {
    step each "Each" { creates kept "${region}/kept" checksum sha256; run `echo "$region" > "$kept"` }
    step once "Once" { creates all "all"; run `echo x >> "$all"` }
  }
  point_of_no_return gone "Gone" {
    crossed when `echo "$region" >> asked; test "$region" = "$(cat crossed)"`
    blocks work
    forward_fix { step fix "Fix" { run `echo "$region" >> fixed` } }
  }
  phase work "Work" { budget 10s; step w "W" { uses kept, all; run `cat "$kept" >> log` } }
  phase check "Check" { after work; budget 10s; verify }
  verification { check c "C" { expect `echo "in $region"` equals "in ${region}" } }
}
"""


def test_artifacts_points_and_checks_are_those_of_each_region(compiled: Compiled) -> None:
    scripts = compiled(REGIONAL)
    (scripts.folder / "crossed").write_text("none")
    captured = scripts.run(role="capture")
    assert captured.returncode == 0, captured.stdout + captured.stderr
    artifacts = scripts.folder / ".rbc" / "artifacts" / "demo"
    assert (artifacts / "all").read_text() == "x\n"
    assert len((artifacts / "manifest.txt").read_text().splitlines()[:3]) == 3
    done = scripts.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (scripts.folder / "log").read_text() == "us\neu\n"
    assert (scripts.folder / "asked").read_text().split()[:2] == ["us", "eu"]
    verified = scripts.run(role="verify")
    assert verified.returncode == 0
    assert verified.stdout.count("✓ C") == 2
    (artifacts / "eu" / "kept").write_text("changed")
    assert scripts.run("--run-dir", "second").returncode == 3


def test_a_point_crossed_in_one_region_is_mended_there(compiled: Compiled) -> None:
    scripts = compiled(REGIONAL)
    (scripts.folder / "crossed").write_text("eu")
    scripts.run(role="capture")
    assert scripts.run("--auto", "--reason", "x").returncode == 4
    assert (scripts.folder / "fixed").read_text() == "eu\n"
    assert "log" not in scripts.left()
    assert scripts.run("--forward-fix", "gone").returncode == 2


GATED = plan("""  phase work "Work" { budget 60s
    gate go "Go?" { approvers "dba"; timeout 30s; otherwise abort }
  }""")


def test_the_first_answer_to_a_gate_holds(compiled: Compiled) -> None:
    scripts = compiled(GATED)
    with scripts.started() as run:
        wait_for_gate(scripts)
        os.killpg(run.pid, signal.SIGSTOP)  # it does not look while both answer
        first = scripts.run("--deny", "go", "--as", "ann")
        second = scripts.run("--approve", "go", "--as", "bob")
        os.killpg(run.pid, signal.SIGCONT)
        run.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 2)
    assert run.returncode == 6


def test_a_run_that_is_dead_waits_for_no_answer(compiled: Compiled) -> None:
    scripts = compiled(GATED)
    with scripts.started() as run:
        wait_for_gate(scripts)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    answer = scripts.run("--approve", "go", "--as", "ann")
    assert answer.returncode == 3
    assert "its process is gone" in answer.stderr
    assert "--resume" in answer.stderr
    status = scripts.run("--status").stdout
    assert "its process is gone" in status


ADVISED = plan("""  point_of_no_return gone "Gone" { crossed when `test -e gone`; blocks work }
  phase work "Work" { budget 60s; note "With a calm hand"
    gate go "Go?" { approvers "dba"; note "Look at the graph"; timeout 1s; otherwise continue }
    manual look "Look" { by "ann"; note "At the rack"; timeout 1s }
    step a "A" { critical "Once only"; run `true` }
  }""")


def test_what_the_plan_says_of_a_decision_is_shown_where_it_is_made(compiled: Compiled) -> None:
    scripts = compiled(ADVISED)
    shown = scripts.run("--dry-run").stdout
    for text in (
        "GATE Go? (dba)\n      Look at the graph\n      without an answer in 1s the run goes on\n",
        "MANUAL Look (ann)\n      At the rack\n      without an answer in 1s the run ends as denied\n",
        "STEP A (limit 1m)\n      ⚠ Once only\n",
    ):
        assert text in shown
    done = scripts.run()
    assert done.returncode == 6
    assert re.search(
        r"WAITS for a person: Go\? \(dba\)\n.*Look at the graph\n.*until \d{4}-\S+Z; "
        r"without an answer by then the run goes on\n",
        done.stdout,
    )
    assert "Look: nobody answered in time" in done.stdout


def test_who_runs_commands_by_hand_reads_what_is_asked_of_people(compiled: Compiled) -> None:
    script = (compiled(ADVISED).folder / "rollback.sh").read_text()
    heading = script[script.index("# Phase 1 of") : script.index("phase.work()")]
    for line in (
        "With a calm hand",
        "NEVER past the point of no return `gone` (Gone): see probe.gone below",
        "Gate: Go? (dba)",
        "By hand: Look (ann)",
        "At the rack",
    ):
        assert f"# {line}\n" in heading


def test_an_expectation_is_asked_a_last_time_when_its_time_is_over(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 60s
    step a "A" { run `true`; expect `test -e late || { touch late; false; }` within 1s every 30s }
  }""")
    )
    assert scripts.run().returncode == 0
