"""Whole runs: documents, exit codes, and what a run leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, is_running, one_phase, plan, wait_for

Compiled = Callable[[str], Scripts]


TRUE = one_phase('step a "A" { run `true` }')


def test_nothing_of_the_environment_is_taken_for_a_variable_of_the_runtime(
    compiled: Compiled,
) -> None:
    scripts = compiled(TRUE.replace("`true`", '`printf %s "$RBC_ARTIFACTS" >there`'))
    text = (scripts.folder / "rollback.sh").read_text("utf-8")
    names = sorted(set(re.findall(r"\brbc_\w+", text)))
    assert len(names) > 300
    done = scripts.run(env=dict.fromkeys([*names, "RBC_ARTIFACTS"], "7"))
    assert (done.returncode, done.stderr) == (0, "")
    assert scripts.outcomes() == [("a", "run", "done")]
    assert (scripts.folder / "there").read_text() == f"{scripts.folder}/.rbc/artifacts/demo"
    (start,) = scripts.events("run_start")
    assert start["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert (start["scenario"], start["reason"], start["region"]) == ("full", "", "")


def test_metrics_and_report_of_a_good_run(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  phase work "Work" { budget 10s; step a "A" { run `sleep 1` } }
  phase check "Check" { after work; budget 10s; verify }
  verification { check c "C" { expect `true` } }
"""
        )
    )
    done = scripts.run(
        "--auto",
        "--reason",
        "errors_exceeded",
        "--metric",
        "errors",
        "--value",
        "0.025",
        "--threshold",
        "0.01",
        "--rehearsal",
        "staging",
    )
    assert done.returncode == 0, done.stdout
    metrics = scripts.document("metrics.json")["rollback_metrics"]
    execution = metrics["rollback_execution"]
    assert execution["trigger_type"] == "automatic"
    assert execution["trigger_reason"] == "errors_exceeded"
    assert (execution["trigger_value"], execution["trigger_threshold"]) == (0.025, 0.01)
    assert execution["sla_met"] is True
    assert (
        execution["sla_seconds"] - execution["total_duration_seconds"]
        == execution["sla_buffer_seconds"]
    )
    assert metrics["phase_timings"]["work"] >= 1
    assert metrics["rollback_success"]["verification_passed"] is True
    assert scripts.document("evidence.json")["environment"] == "staging"
    report = (scripts.run_folder / "report.md").read_text()
    assert report.startswith("# Rollback Report: Demo\n")
    assert "- **Outcome**: Successful" in report


def test_the_failure_document(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "Restore it" { run `echo "pg_restore: \\"bad\\" end of file" >&2; exit 3` }'
        )
    )
    assert scripts.run().returncode == 1
    failure = scripts.document("failure.json")["rollback_failure"]
    assert failure["failure_details"] == {
        "phase": "Work",
        "step": "Restore it",
        "error_message": 'exit status 3: pg_restore: "bad" end of file',
        "logs": "log/work.a.log",
    }


def test_a_broken_sla_is_told_and_is_an_exit_status(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase('step a "A" { run `sleep 2` }').replace(
            "level 2", "level 2\n  hook sla_breach `touch breached`"
        )
    )
    path = scripts.folder / "rollback.sh"
    path.write_text(path.read_text().replace("sla=1800", "sla=1"))
    result = scripts.run()
    assert result.returncode == 8
    assert "the SLA of 1s is broken" in result.stdout
    assert "breached" in scripts.left()
    assert (
        scripts.document("metrics.json")["rollback_metrics"]["rollback_execution"]["sla_met"]
        is False
    )


def test_verification_that_fails(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  phase check "Check" { budget 10s; verify }
  verification { check bad "Bad" { expect `false` }
    check soft "Soft" warn { expect `false` }
    check good "Good" { expect `true` } }
"""
        )
    )
    assert scripts.run().returncode == 7
    assert [(e["check"], e["outcome"]) for e in scripts.events("check")] == [
        ("bad", "failed"),
        ("soft", "warned"),
        ("good", "ok"),
    ]


def test_an_old_bash_is_refused(compiled: Compiled) -> None:
    scripts = compiled(TRUE)
    path = scripts.folder / "rollback.sh"
    script = path.read_text().replace("case ${BASH_VERSION-} in", "case 4.3.48 in", 1)
    path.write_text(script)
    result = scripts.run()
    assert result.returncode == 3
    assert "bash 4.4 or later" in result.stderr
    dash = subprocess.run(
        ["dash", str(scripts.folder / "verify.sh")], capture_output=True, text=True, check=False
    )
    assert dash.returncode == 3
    assert "bash 4.4 or later" in dash.stderr


def test_no_process_outlives_a_run(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { run `setsid true; (sleep 50 & echo "$!" >> pids) & echo "$!" >> pids; sleep 0.2` }'
        )
    )
    assert scripts.run().returncode == 0
    for pid in (scripts.folder / "pids").read_text().split():
        assert not is_running(pid)


def test_a_terminal_that_goes_away_does_not_stop_a_run(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { run `touch here; sleep 0.5; for i in {1..50}; do echo "$i"; done; touch done` }'
        )
    )
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        assert run.stdout is not None
        run.stdout.close()
        os.kill(run.pid, signal.SIGHUP)
        run.wait(timeout=20)
    assert run.returncode == 0
    assert "done" in scripts.left()


def test_a_journal_that_cannot_be_written_starts_nothing(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { run `rm "$RBC_RUN_DIR/journal.jsonl"; mkdir "$RBC_RUN_DIR/journal.jsonl"` }\n'
            'step b "B" { run `touch b` }\nensure step z "Z" { run `touch z` }'
        )
    )
    assert scripts.run().returncode == 1
    assert "b" not in scripts.left()
    assert "z" in scripts.left()


def test_json_of_the_journal_survives_any_title(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "q\\" b\\\\ n\\n \\t \\u{1f4a3}" { run `false` }'))
    scripts.run()
    assert json.dumps(scripts.journal())
    assert scripts.document("failure.json")["rollback_failure"]["failure_details"][
        "step"
    ].startswith('q" b\\ n\n')


def test_the_report_is_inert_markdown(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  phase work "Work | `x` <b>" { budget 10s; step a "A | <img src=x> [l](u) *s* snake_case _e_" {
    run `echo 'a | b <script> ${x}' >&2; exit 1` } }
"""
        ).replace('"Demo"', '"Demo | `rm` <b> #"')
    )
    assert scripts.run("--auto", "--reason", "*a* | b\n# c").returncode == 1
    report = (scripts.run_folder / "report.md").read_text()
    assert report.startswith("# Rollback Report: Demo \\| \\`rm\\` \\<b\\> \\#\n")
    assert r"- **Reason**: \*a\* \| b \# c" in report.splitlines()
    assert r"- **Phase**: Work \| \`x\` \<b\>" in report.splitlines()
    assert r"A \| \<img src=x\> \[l\](u) \*s\* snake\_case \_e\_" in report
    assert r"a \| b \<script\> \${x}" in report
    assert not re.search(r"(?<!\\)[<`]", report)


def test_a_run_of_one_region_and_one_of_all_exclude_each_other(compiled: Compiled) -> None:
    phase = 'phase p "P" { budget 20s; step s "S" { run `touch "at-$region"; sleep 3` } }'
    scripts = compiled(plan(f"  regions {{ wave eu; wave us }}\n  {phase}"))
    with scripts.started() as whole:
        wait_for(scripts.folder / "at-eu")
        refused = scripts.run("--region", "us")
        assert refused.returncode == 5, refused.stdout + refused.stderr
        assert not (scripts.folder / "at-us").exists()
        whole.communicate(timeout=30)
    assert whole.returncode == 0
    (scripts.folder / "at-us").unlink()
    with scripts.started("--region", "us") as part:
        wait_for(scripts.folder / "at-us")
        assert scripts.run().returncode == 5
        part.communicate(timeout=30)
    assert part.returncode == 0


def test_a_step_that_is_stopped_may_clean_up(compiled: Compiled) -> None:
    run = "trap 'sleep 0.3; echo released >log; exit 1' TERM; sleep 30 & wait"
    scripts = compiled(one_phase(f'    step s "S" {{ timeout 1s; run `bash -c "{run}"` }}'))
    assert scripts.run(env={"RBC_GRACE": "5"}).returncode == 1
    assert (scripts.folder / "log").read_text() == "released\n"


@pytest.mark.parametrize("where", [".", "full", "full/", "./full//", "file", "~", "~/new"])
def test_a_folder_with_something_in_it_is_no_place_for_a_run(
    compiled: Compiled, where: str
) -> None:
    scripts = compiled(TRUE)
    precious = scripts.folder / "full" / "tmp" / "precious"
    precious.parent.mkdir(parents=True)
    precious.touch()
    (scripts.folder / "file").touch()
    refused = scripts.run("--run-dir", where)
    assert refused.returncode == 2
    assert "--run-dir" in refused.stderr
    assert scripts.left() == ["file", "full"]
    assert [p.name for p in (scripts.folder / "full").rglob("*")] == ["tmp", "precious"]


@pytest.mark.parametrize("where", ["new/", "empty//", "a/../deep/er"])
def test_a_run_is_called_as_its_folder(compiled: Compiled, where: str) -> None:
    scripts = compiled(TRUE)
    for name in ("empty", "a"):
        (scripts.folder / name).mkdir()
    assert scripts.run("--run-dir", where).returncode == 0
    run = (scripts.folder / where).resolve()
    first = json.loads((run / "journal.jsonl").read_text().splitlines()[0])
    assert first["run"] == run.name
    again = scripts.run("--run-dir", where)
    assert again.returncode == 2
    assert "holds a run already" in again.stderr


def test_a_folder_that_is_no_run_is_neither_packed_nor_swept(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            'phase work "Work" { budget 10s; step a "A" { run `true` } }',
            header='  archive folder "audit"',
        )
    )
    mine = scripts.folder / "mine"
    (mine / "tmp").mkdir(parents=True)
    (mine / "tmp" / "precious").touch()
    (mine / "journal.jsonl").write_text('{"dear": "diary"}\n')
    for option in ("--archive", "--resume", "--status"):
        refused = scripts.run(option, *(["--run-dir"] if option == "--status" else []), "mine")
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert "no run" in refused.stderr
    assert (mine / "tmp" / "precious").exists()
    assert scripts.left() == ["mine"]


@pytest.mark.parametrize(
    "options",
    [
        {"SHELLOPTS": "xtrace:verbose"},
        {"SHELLOPTS": "nounset:errexit:noclobber:allexport:monitor:posix:noglob"},
        {"BASHOPTS": "failglob:nocasematch:extdebug:lastpipe"},
    ],
)
def test_options_of_the_shell_are_not_taken_from_the_environment(
    compiled: Compiled, options: dict[str, str]
) -> None:
    scripts = compiled(TRUE.replace("level 2", 'level 2\n  secret TOKEN "t"'))
    done = scripts.run(env={**options, "TOKEN": "hunter2-and-more"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert scripts.outcomes() == [("a", "run", "done")]
    assert "hunter2" not in done.stdout + done.stderr
    assert not (scripts.folder / ".rbc/locks/op-1").exists()


@pytest.mark.parametrize("lost", [".rbc", "$RBC_RUN_DIR", "$RBC_RUN_DIR/journal.jsonl"])
def test_a_run_whose_folder_vanishes_still_undoes(compiled: Compiled, lost: str) -> None:
    steps = f"""step a "A" {{ run `echo a >>ran`; undo `echo undo-a >>ran` }}
    step b "B" {{ run `echo b >>ran; rm -rf "{lost}"` }}
    step c "C" {{ run `echo c >>ran` }}
    ensure step z "Z" {{ run `echo z >>ran` }}"""
    scripts = compiled(one_phase(steps))
    done = scripts.run()
    assert done.returncode == 1, done.stdout
    assert (scripts.folder / "ran").read_text().split() == ["a", "b", "undo-a", "z"]
    assert "B: the journal can't be written" in done.stdout
    assert "NOT DONE" in done.stdout
    assert "its folder is gone" in done.stdout
