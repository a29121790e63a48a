"""Whole runs: options, preflight, secrets, the lock, resuming, documents, exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, is_running, one_phase, plan

Compiled = Callable[[str], Scripts]
TRUE = one_phase('step a "A" { run `true` }')


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["extra"],
        ["--scenario", "none"],
        ["--scenario"],
        ["--from", "none"],
        ["--only", "none"],
        ["--region", "eu"],
        ["--jobs", "0"],
        ["--jobs", "many"],
        ["--set", "nothing"],
        ["--set", "none=1"],
        ["--auto"],
        ["--approve", "gate"],
        ["--list=x"],
    ],
)
def test_wrong_usage(compiled: Compiled, arguments: list[str]) -> None:
    scripts = compiled(TRUE)
    result = scripts.run(*arguments)
    assert result.returncode == 2
    assert "--help" in result.stderr or "--list" in result.stderr
    assert scripts.left() == []


@pytest.mark.parametrize("role", ["rollback", "capture", "verify", "monitor"])
def test_help(compiled: Compiled, role: str) -> None:
    result = compiled(TRUE).run("--help", role=role)
    assert result.returncode == 0
    assert result.stdout.startswith(f"Usage: {role}.sh")


PARAMETERS = plan(
    """
  let base = "a $HOME `x` \\"q\\""
  param text: string = "it's"
  param count: int = 3
  param on: bool = true
  param pause: duration = 90s
  param share: ratio = 5%
  param who: name = some-name
  param hosts: list<string> = ["a b", "c"]
  phase work "Work" { budget 10s; step a "A" {
    run `printf '%s\\n' "$base" "$text" "$count" "$on" "$pause" "$share" "$who" "${hosts[@]}" > out` } }
"""
)


def test_values_reach_the_steps(compiled: Compiled) -> None:
    scripts = compiled(PARAMETERS)
    assert scripts.run().returncode == 0
    assert (scripts.folder / "out").read_text().splitlines() == [
        'a $HOME `x` "q"',
        "it's",
        "3",
        "true",
        "90",
        "0.05",
        "some-name",
        "a b",
        "c",
    ]


def test_parameters_can_be_set(compiled: Compiled) -> None:
    scripts = compiled(PARAMETERS)
    sets = [
        "text=$(touch x)=y\nz",
        "count=-7",
        "on=false",
        "pause=1m500ms",
        "share=2.5%",
        "who=x-y",
        "hosts=d,e f",
    ]
    assert scripts.run(*(w for s in sets for w in ("--set", s))).returncode == 0
    assert (scripts.folder / "out").read_text().splitlines() == [
        'a $HOME `x` "q"',
        "$(touch x)=y",
        "z",
        "-7",
        "false",
        "60.500",
        "0.025",
        "x-y",
        "d",
        "e f",
    ]
    assert scripts.left() == [".rbc", "out"]


@pytest.mark.parametrize(
    "wrong",
    [
        "count=x",
        "count=1.5",
        "count=",
        "on=yes",
        "pause=5",
        "pause=5 m",
        "share=a",
        "share=1%%",
        "who=a b",
        "base=x",
        "HOME=/",
        "count",
    ],
)
def test_parameters_are_checked(compiled: Compiled, wrong: str) -> None:
    scripts = compiled(PARAMETERS)
    result = scripts.run("--set", wrong)
    assert result.returncode == 2, result.stdout
    assert wrong.split("=", maxsplit=1)[0] in result.stderr
    assert scripts.left() == []


def test_a_parameter_without_a_value(compiled: Compiled) -> None:
    text = plan(
        'param ns: string\nphase w "W" { budget 9s; step a "A" { run `echo "$ns" > out` } }'
    )
    scripts = compiled(text)
    assert scripts.run().returncode == 2
    assert scripts.run("--set", "ns=x").returncode == 0
    assert (scripts.folder / "out").read_text() == "x\n"


SECRET = plan(
    """
  secret TOKEN "A token"
  phase work "Work" { budget 10s
    step a "A" { run `echo "with $TOKEN inside"; echo "$TOKEN" >&2; exit 1`
      expect `true` } }
"""
)


def test_secrets_reach_no_output_and_no_file(compiled: Compiled) -> None:
    scripts = compiled(SECRET)
    result = scripts.run(env={"TOKEN": "hunter2&*\nsecond[line"})
    assert result.returncode == 1
    everything = result.stdout + result.stderr
    for path in scripts.folder.rglob("*"):
        if path.is_file():
            everything += path.read_text(encoding="utf-8")
    assert "hunter2" not in everything
    assert "second[line" not in everything
    assert "*** inside" in result.stdout


def test_a_secret_that_is_not_set(compiled: Compiled) -> None:
    scripts = compiled(SECRET)
    result = scripts.run()
    assert result.returncode == 3
    assert "$TOKEN" in result.stdout
    assert scripts.left() == []


def test_preflight_lists_everything_at_once(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  secret TOKEN
  capture { step c "C" { creates dump "x.dump" checksum sha256; run `echo data > "$dump"` } }
  phase work "Work" { budget 10s
    step a "A" { uses dump; requires some-tool; run `other-tool --x "$dump" "$TOKEN" | sudo -n third-tool; touch a` }
    step b "B" { run `if command -v maybe-tool; then maybe-tool; fi; ./no-script.sh` } }
"""
        )
    )
    result = scripts.run()
    assert result.returncode == 3
    for word in ("$TOKEN", "some-tool", "other-tool", "third-tool", "./no-script.sh", "x.dump"):
        assert word in result.stdout
    assert "maybe-tool" not in result.stdout
    assert scripts.left() == []


CAPTURE = plan(
    """
  capture {
    fact "Sessions" is "~12"
    step c "C" { creates dump "sub/x.dump" checksum sha256; run `CODE` }
  }
  phase work "Work" { budget 10s; step a "A" { uses dump; run `cp "$dump" restored` } }
"""
)


def test_what_was_captured_is_restored(compiled: Compiled) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo data > "$dump"'))
    captured = scripts.run(role="capture")
    assert captured.returncode == 0, captured.stdout + captured.stderr
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    manifest = (folder / "manifest.txt").read_text()
    assert manifest.startswith(hashlib.sha256(b"data\n").hexdigest() + "  dump  sub/x.dump\n")
    assert "# plan_sha256 " in manifest
    assert "# fact Sessions: ~12" in manifest
    assert scripts.run().returncode == 0
    assert (scripts.folder / "restored").read_text() == "data\n"
    assert scripts.run(role="capture").returncode == 3
    assert scripts.run("--force", role="capture").returncode == 0
    assert [p.name for p in folder.parent.iterdir()] == ["demo"]


@pytest.mark.parametrize("code", ["false", 'echo data > "$dump"; false', "true", 'touch "$dump"'])
def test_a_capture_that_fails_leaves_nothing(compiled: Compiled, code: str) -> None:
    scripts = compiled(CAPTURE.replace("CODE", code))
    result = scripts.run(role="capture")
    assert result.returncode == 1, result.stdout
    assert list((scripts.folder / ".rbc" / "artifacts").iterdir()) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "no checksum"])
def test_an_artifact_that_is_not_what_was_captured(compiled: Compiled, damage: str) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo data > "$dump"'))
    scripts.run(role="capture")
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    if damage == "changed":
        (folder / "sub" / "x.dump").write_text("data and more\n")
    elif damage == "missing":
        (folder / "sub" / "x.dump").unlink()
    else:
        (folder / "manifest.txt").unlink()
    result = scripts.run()
    assert result.returncode == 3
    assert "dump" in result.stdout
    assert not (scripts.folder / "restored").exists()


WAITING = one_phase(
    'step a "A" { run `echo a >> ran` }\nstep b "B" { OPTIONS run `echo b >> ran; touch here; while ! test -e go; do sleep 0.05; done` }'
    '\nstep c "C" { run `echo c >> ran` }',
    "budget 60s",
)


def wait_for(path: Path) -> None:
    for _ in range(400):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} does not appear")


def test_one_run_at_a_time(compiled: Compiled) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", ""))
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        second = scripts.run()
        assert second.returncode == 5
        assert "tester" in second.stderr
        assert str(run.pid) in second.stderr
        status = scripts.run("--status")
        assert "▶ work: under way (B)" in status.stdout
        assert "of the SLA's 30m" in status.stdout
        (scripts.folder / "go").touch()
        run.communicate(timeout=20)
    assert run.returncode == 0
    assert scripts.run("--status").stdout.rstrip().endswith("ended: success")
    assert (scripts.folder / "ran").read_text().split() == ["a", "b", "c"]


def killed_while_running(scripts: Scripts) -> None:
    """A run killed with all it started, as by a power cut, while step b is under way."""
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        tree = [run.pid]
        for pid in tree:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            tree += [int(child) for child in children]
        for pid in tree:
            os.kill(pid, signal.SIGKILL)
        run.wait(timeout=10)
    (scripts.folder / "go").touch()


@pytest.mark.parametrize(
    ("options", "arguments", "status", "ran"),
    [
        ("rerunnable;", [], 0, "a b b c"),
        ("done_when `test -e here`;", [], 0, "a b c"),
        ("done_when `false`;", [], 0, "a b b c"),
        ("", [], 3, "a b"),
    ],
)
def test_resume_after_a_crash(
    compiled: Compiled, options: str, arguments: list[str], status: int, ran: str
) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", options))
    killed_while_running(scripts)
    # The lock of the dead owner is left over, and is taken.
    result = scripts.run("--resume", *arguments)
    assert result.returncode == status, result.stdout + result.stderr
    assert (scripts.folder / "ran").read_text().split() == ran.split()


@pytest.mark.parametrize(
    ("answer", "status", "ran"), [("r", 0, "a b b c"), ("d", 0, "a b c"), ("a", 3, "a b")]
)
def test_the_operator_decides_what_nobody_knows(
    compiled: Compiled, answer: str, status: int, ran: str
) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", ""))
    killed_while_running(scripts)
    done = subprocess.run(
        ["script", "-qec", "./rollback.sh --resume", "/dev/null"],
        cwd=scripts.folder,
        env=scripts.environment(),
        input=f"{answer}\n",
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert (scripts.folder / "ran").read_text().split() == ran.split()


def test_resume_tolerates_a_torn_line_and_refuses_a_changed_one(compiled: Compiled) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", "rerunnable;"))
    killed_while_running(scripts)
    journal = scripts.run_folder / "journal.jsonl"
    whole = journal.read_text()
    journal.write_text(whole.replace('"user":"tester"', '"user":"someone"'))
    changed = scripts.run("--resume")
    assert changed.returncode == 3
    assert "line 1 " in changed.stderr
    journal.write_text(whole + '{"seq":99,"time":"2026')
    torn = scripts.run("--resume")
    assert torn.returncode == 0, torn.stdout + torn.stderr
    assert scripts.journal()[-1]["event"] == "run_end"


def test_resume_after_a_failure_goes_on_where_it_failed(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { run `echo a >> ran` }\nstep b "B" { run `echo b >> ran; test -e mended` }'
        )
    )
    assert scripts.run("--verbose").returncode == 1
    (scripts.folder / "mended").touch()
    assert scripts.run("--resume").returncode == 0
    assert (scripts.folder / "ran").read_text().split() == ["a", "b", "b"]
    assert scripts.document("metrics.json")["rollback_metrics"]["rollback_success"]["attempts"] == 2
    assert not (scripts.run_folder / "failure.json").exists()


def test_resume_keeps_scenario_and_parameters(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  param word: string = "default"
  phase one "One" { budget 9s; step a "A" { run `test -e mended; printf '%s' "$word" > out` } }
  phase two "Two" { after one; budget 9s; step b "B" { run `touch two` } }
  scenario part "Part" { run one; use_when "x" }
"""
        )
    )
    word = 'it\'s "a"\\n $x\nnew'
    assert scripts.run("--scenario", "part", "--set", f"word={word}").returncode == 1
    (scripts.folder / "mended").touch()
    assert scripts.run("--resume").returncode == 0
    assert (scripts.folder / "out").read_text() == word
    assert not (scripts.folder / "two").exists()


def test_a_run_of_another_plan_is_not_resumed(compiled: Compiled, tmp_path: Path) -> None:
    scripts = compiled(one_phase('step a "A" { run `false` }'))
    scripts.run()
    other = Scripts(tmp_path / "other", one_phase('step a "A" { run `true` }'))
    (scripts.folder / "rollback.sh").write_text((other.folder / "rollback.sh").read_text())
    result = scripts.run("--resume")
    assert result.returncode == 3
    assert "another version" in result.stderr


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


_NAMES = [
    "status",
    "name",
    "key",
    "value",
    "line",
    "path",
    "limit",
    "kind",
    "given",
    "piece",
    "title",
    "unit",
    "step",
    "found",
    "text",
    "word",
    "secret",
    "type",
    "target",
    "i",
    "s",
    "seq",
    "prev",
]


def test_variables_may_have_any_name(compiled: Compiled) -> None:
    lets = "\n".join(f'let {n} = "let-{n}"' for n in _NAMES[::3])
    params = "\n".join(f'param {n}: string = "default"' for n in _NAMES[1::3])
    secrets = "\n".join(f"secret {n}" for n in _NAMES[2::3])
    show = "; ".join(f'echo \\"{n}=${n}\\"' for n in _NAMES).replace('\\"', '"')
    scripts = compiled(
        plan(
            f'{lets}\n{params}\n{secrets}\nphase w "W" {{ budget 9s; step a "A" {{ run `({show}) | tr -d - > out`\n'
            'expect `echo "$status-$name"` equals "${status}-${name}" } }'
        )
    )
    wanted = {n: f"let{n}" for n in _NAMES[::3]}
    wanted |= {n: f"set{n}" for n in _NAMES[1::3]} | {n: f"se{n}" for n in _NAMES[2::3]}
    result = scripts.run(
        *(w for n in _NAMES[1::3] for w in ("--set", f"{n}=set-{n}")),
        env={n: f"se-{n}" for n in _NAMES[2::3]},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    found = dict(line.split("=") for line in (scripts.folder / "out").read_text().splitlines())
    assert found == wanted


def test_expectations_read_variables_as_they_are_when_running(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            'param v: string = "a"\nphase w "W" { budget 9s; step a "A" { run `true`; expect `echo "$v!"` equals "${v}!" } }'
        )
    )
    assert scripts.run("--set", "v=b c").returncode == 0


def test_of_many_runs_at_once_one_goes_ahead(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `echo ran >> ran; sleep 2` }'))
    lock = scripts.folder / ".rbc" / "locks" / "op-1"
    lock.mkdir(parents=True)
    # What a killed run left: a process of this machine that is no more.
    gone = subprocess.Popen(["true"])
    gone.wait()
    (lock / "owner").write_text(f"x\t{os.uname().nodename}\t{gone.pid}\t2026-01-01T00:00:00Z\n")
    runs = [
        subprocess.Popen(
            ["./rollback.sh"],
            cwd=scripts.folder,
            env=scripts.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(8)
    ]
    statuses = sorted(run.wait(timeout=60) for run in runs)
    assert statuses == [0] + [5] * 7
    assert (scripts.folder / "ran").read_text() == "ran\n"


def test_stealing_a_lock_is_explicit_and_journaled(compiled: Compiled) -> None:
    scripts = compiled(TRUE)
    lock = scripts.folder / ".rbc" / "locks" / "op-1"
    lock.mkdir(parents=True)
    (lock / "owner").write_text("eve\telsewhere\t1\t2026-01-01T00:00:00Z\n")
    assert scripts.run().returncode == 5
    assert scripts.run("--steal-lock").returncode == 0
    assert "eve" in scripts.events("lock_stolen")[0]["from"]
