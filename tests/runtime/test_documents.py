"""What a run leaves for people and programs: valid by the project's own schemas, true to the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from rbdsl.documents.schemas import schema
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]
WORK = """  phase work "Work" {
    budget 20s
    step shaky "Shaky" { on_failure continue; run `false` }
    step first "First" { run `test ! -e broken || { echo "no such | thing" >&2; exit 3; }` }
    ensure step last "Last" { run `test ! -e broken` }
  }"""
PROOF = """  phase proof "Proof" { after work; budget 5s; verify }
  verification { check c "C" { expect `true` } }"""


def document(scripts: Scripts, name: str) -> Any:  # noqa: ANN401 - JSON
    (path,) = scripts.folder.glob(f".rbc/runs/*/{name}")
    return json.loads(path.read_text())


def report(scripts: Scripts) -> str:
    (path,) = scripts.folder.glob(".rbc/runs/*/report.md")
    return path.read_text()


def test_a_good_run_leaves_valid_metrics_and_a_report_without_failure(compiled: Compiled) -> None:
    scripts = compiled(plan(f"{WORK}\n{PROOF}"))
    assert scripts.run().returncode == 0
    metrics = document(scripts, "metrics.json")
    jsonschema.validate(metrics, json.loads(schema("rollback-metrics")))
    said = metrics["rollback_metrics"]
    assert list(said["phase_timings"]) == ["work", "proof"]
    assert said["rollback_success"]["verification_passed"] is True
    assert not list(scripts.folder.glob(".rbc/runs/*/failure.json"))
    text = report(scripts)
    assert "## Failure" not in text
    for heading in (
        "Executive Summary",
        "Trigger Analysis",
        "Rollback Execution",
        "Impact Assessment",
        "Root Cause",
        "Prevention Measures",
        "Lessons Learned",
        "Follow-up Actions",
    ):
        assert f"\n## {heading}\n" in text
    assert "- **Reason**: started by tester" in text


def test_a_failed_run_names_the_step_that_failed_first(compiled: Compiled) -> None:
    scripts = compiled(plan(f"{WORK}\n{PROOF}"))
    (scripts.folder / "broken").write_text("")
    assert scripts.run().returncode == 1
    failure = document(scripts, "failure.json")
    jsonschema.validate(failure, json.loads(schema("rollback-failure")))
    details = failure["rollback_failure"]["failure_details"]
    assert (details["phase"], details["step"]) == ("Work", "First")
    (run,) = scripts.folder.glob(".rbc/runs/*")
    assert "no such | thing" in (run / details["logs"]).read_text()
    jsonschema.validate(document(scripts, "metrics.json"), json.loads(schema("rollback-metrics")))
    assert "## Failure" in report(scripts)
    assert "no such \\| thing" in report(scripts)


def test_a_step_that_succeeded_at_last_is_no_failure(compiled: Compiled) -> None:
    text = '  phase work "Work" { budget 20s; step r "R" { retry 2; run `mkdir again && false || true; test -e there || { touch there; false; }` } }'
    scripts = compiled(plan(text))
    assert scripts.run().returncode == 0
    assert "## Failure" not in report(scripts)


@pytest.mark.parametrize("broken", [True, False])
def test_a_resumed_run_has_each_phase_once(compiled: Compiled, *, broken: bool) -> None:
    scripts = compiled(plan(f"{WORK}\n{PROOF}"))
    (scripts.folder / "broken").write_text("")
    assert scripts.run().returncode == 1
    if not broken:
        (scripts.folder / "broken").unlink()
    assert scripts.run("--resume").returncode == int(broken)
    assert ("## Failure" in report(scripts)) == broken
    (path,) = scripts.folder.glob(".rbc/runs/*/metrics.json")
    pairs: list[str] = []

    def noted(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.extend(key for key, _ in found)
        return dict(found)

    json.loads(path.read_text(), object_pairs_hook=noted)
    assert pairs.count("work") == 1


def test_a_failed_verification_names_its_check(compiled: Compiled) -> None:
    proof = PROOF.replace("expect `true`", "expect `test -e mended`").replace(
        'c "C"', 'c "Users | all"'
    )
    scripts = compiled(plan(f"{WORK}\n{proof}"))
    assert scripts.run().returncode == 7
    failure = document(scripts, "failure.json")["rollback_failure"]
    assert failure["failure_reason"].startswith("verification failed: Users | all: ")
    assert failure["failure_details"]["step"] == "Verification"
    assert failure["failure_details"]["error_message"].startswith("Users | all: ")
    assert (scripts.run_folder / failure["failure_details"]["logs"]).exists()
    text = report(scripts)
    assert "- **Error**: Users \\| all: " in text
    assert "- **SLA Compliance**: No: the rollback is not done" in text
    (scripts.run_folder / "report.md").write_text("what I found out")
    (scripts.folder / "mended").touch()
    assert scripts.run("--resume").returncode == 0
    assert not (scripts.run_folder / "failure.json").exists()
    assert (scripts.run_folder / "report.1.md").read_text() == "what I found out"
    assert "- **SLA Compliance**: Yes" in report(scripts)


def test_a_denied_gate_and_an_interruption_are_named(compiled: Compiled) -> None:
    gate = 'gate go "Go?" { approvers "dba"; timeout 100ms; otherwise abort }'
    scripts = compiled(plan(f'  phase work "Work" {{ budget 60s; {gate} }}'))
    assert scripts.run().returncode == 6
    details = document(scripts, "failure.json")["rollback_failure"]["failure_details"]
    assert (details["phase"], details["step"]) == ("Work", "Go?")


def test_evidence_says_which_part_was_rehearsed(compiled: Compiled) -> None:
    scenario = '  scenario part "Part" { run work }'
    scripts = compiled(plan(f"{WORK}\n{PROOF}\n{scenario}"))
    assert scripts.run("--rehearsal", "staging", "--scenario", "part").returncode == 0
    evidence = document(scripts, "evidence.json")
    assert (evidence["environment"], evidence["scenario"]) == ("staging", "part")


@pytest.mark.parametrize("ending", ["", "\\n"])
def test_the_last_words_of_a_step_are_in_its_error_and_the_log_holds_nothing_else(
    compiled: Compiled, ending: str
) -> None:
    step = f'step s "S" {{ retry 2; run `printf "one\\ntwo{ending}"; exit 1` }}'
    scripts = compiled(plan(f'  phase work "Work" {{ budget 20s; {step} }}'))
    assert scripts.run().returncode == 1
    details = document(scripts, "failure.json")["rollback_failure"]["failure_details"]
    assert details["error_message"] == "exit status 1: one / two"
    (run,) = scripts.folder.glob(".rbc/runs/*")
    assert (run / details["logs"]).read_text() == "one\ntwo\n" * 3
    assert not list(run.rglob("*.sync"))


LADDER = """
  escalation {
    rung "First attempt failed" 0m..5m { contact "incident-commander"; do "Review the logs" }
    rung "Retry failed" 5m..15m { contact "senior-sre" }
  }"""


def test_a_failure_names_the_rung_of_the_ladder(compiled: Compiled) -> None:
    scripts = compiled(plan(f"{WORK}\n{PROOF}\n{LADDER}"))
    (scripts.folder / "broken").touch()
    done = scripts.run()
    assert done.returncode == 1
    assert "escalation: First attempt failed, call incident-commander" in done.stdout
    assert "Review the logs" in done.stdout
    failure = document(scripts, "failure.json")
    jsonschema.validate(failure, json.loads(schema("rollback-failure")))
    (step,) = failure["rollback_failure"]["escalation_timeline"]
    assert step["level"] == 1
    assert step["title"] == "First attempt failed"
    assert step["action"].endswith("to call incident-commander")
    assert step["timestamp"] == scripts.events("escalation")[0]["time"]


def test_a_broken_sla_says_what_the_level_asks_for(compiled: Compiled) -> None:
    scripts = compiled(plan(f"{WORK}\n{PROOF}"))
    # The SLA of the level is half an hour; this script has one of a second.
    path = scripts.folder / "rollback.sh"
    text = path.read_text()
    assert "sla=1800" in text
    path.write_text(text.replace("sla=1800", "sla=0"))
    done = scripts.run()
    assert done.returncode == 8, done.stdout
    assert "the SLA of 0s is broken: Warning, review rollback plan" in done.stdout
    breach = scripts.events("sla_breach")[0]
    assert breach["action"] == "Warning, review rollback plan"
    text = report(scripts)
    assert f"\n## SLA Breach\n- **Broken**: {breach['time']}\n" in text
    assert "- **What it asks for**: Warning, review rollback plan\n" in text
    assert "\n## Follow-up Actions\n- [ ] Warning, review rollback plan\n" in text
    metrics = document(scripts, "metrics.json")["rollback_metrics"]["rollback_execution"]
    assert metrics["sla_met"] is False
    assert metrics["sla_buffer_seconds"] == -metrics["total_duration_seconds"]


def test_every_figure_is_one_of_the_journal(compiled: Compiled) -> None:
    scripts = compiled(plan(f"{WORK}\n{PROOF}"))
    (scripts.folder / "broken").touch()
    assert scripts.run().returncode == 1
    (scripts.folder / "broken").unlink()
    assert scripts.run("--resume").returncode == 0
    figures = document(scripts, "metrics.json")["rollback_metrics"]
    lines = scripts.journal()
    start, end = lines[0], lines[-1]
    execution = figures["rollback_execution"]
    assert execution["triggered_at"] == start["time"]
    assert execution["completed_at"] == end["time"]
    assert execution["total_duration_seconds"] == end["clock_seconds"]
    ends = [e for e in lines if e["event"] == "phase_end"]
    clock = max(e["clock_ms"] for e in ends)
    assert end["clock_seconds"] == -(-clock // 1000)
    assert figures["phase_timings"] == {e["unit"]: e["seconds"] for e in ends}
    resumes = [e for e in lines if e["event"] == "run_resume"]
    assert figures["rollback_success"]["attempts"] == 1 + len(resumes) == 2
    assert figures["quality_metrics"]["manual_intervention_required"] is True


def test_a_message_that_did_not_arrive_stands_in_the_report(compiled: Compiled) -> None:
    told = """
  communications {
    channel webhook "http://127.0.0.1:9/nobody"
    notify webhook on success
  }"""
    scripts = compiled(plan(f"{WORK}\n{PROOF}\n{told}"))
    assert scripts.run().returncode == 0
    assert "\n## Messages that did not arrive\n- **webhook**: success: " in report(scripts)


def test_a_failure_beside_one_that_is_mended_is_named(compiled: Compiled) -> None:
    text = """
  phase x "X" { budget 20s; step a "A" { retry 1 every 3s; run `test -e there || { touch there; false; }` } }
  phase y "Y" { budget 20s; step b "B" { run `sleep 1; echo b-broken >&2; exit 3` } }
"""
    scripts = compiled(plan(text))
    assert scripts.run().returncode == 1
    details = document(scripts, "failure.json")["rollback_failure"]["failure_details"]
    assert (details["phase"], details["step"]) == ("Y", "B")
    assert "b-broken" in details["error_message"]
    assert "b-broken" in report(scripts)


SOFT = plan("""
  service cart in production
  phase work "Work" { budget 30s
    step soft "May fail" { for cart; on_failure continue; run `test -e well || { echo "no such host" >&2; false; }` }
    step hard "Must not" { for cart; run `test -e mended` }
  }
  phase proof "Proof" { after work; budget 30s; verify }
  verification {
    check one "One" { for cart; expect `true` }
    check two "Two" warn { for cart; expect `test -e well` }
  }
""")


def test_what_fails_and_stops_nothing_is_not_passed_over(compiled: Compiled) -> None:
    scripts = compiled(SOFT)
    assert scripts.run().returncode == 1
    failure = scripts.document("failure.json")["rollback_failure"]["failure_details"]
    assert failure["step"] == "Must not"
    (scripts.folder / "mended").touch()
    done = scripts.run("--resume")
    assert done.returncode == 0, done.stdout
    assert "verified, but what stops nothing has failed (2, see report.md)" in done.stdout
    report = (scripts.run_folder / "report.md").read_text()
    part = report.split("## What failed and stopped nothing\n")[1].split("\n##")[0]
    assert part.splitlines() == ["- May fail: exit status 1: no such host", "- Two: exit status 1"]
    success = scripts.document("metrics.json")["rollback_metrics"]["rollback_success"]
    assert success["success"] is True
    assert success["verification_passed"] is True
    assert success["all_services_healthy"] is False


def test_what_a_resume_has_mended_failed_not(compiled: Compiled) -> None:
    scripts = compiled(SOFT)
    assert scripts.run().returncode == 1
    for name in ("mended", "well"):
        (scripts.folder / name).touch()
    done = scripts.run("--resume")
    assert done.returncode == 0
    assert "on the clock, verified\n" in done.stdout
    assert "stopped nothing" not in (scripts.run_folder / "report.md").read_text()
    success = scripts.document("metrics.json")["rollback_metrics"]["rollback_success"]
    assert success["all_services_healthy"] is True
