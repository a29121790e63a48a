"""Phases: order, parallelism, undo and ensure, scenarios, selections, dry run."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from rbdsl.backends.bash import runtime
from tests.runtime.running import Scripts, one_phase, plan

Compiled = Callable[[str], Scripts]

DIAMOND = plan(
    """
  service api in production
  service db in production
  phase start "Start" { budget 10s; step s "S" { run `true` } }
  phase left "Left" { after start; budget 10s
    step one "One" { for api; run `touch left; for i in {1..100}; do test -e right && exit; sleep 0.1; done; false` }
    step two "Two" { for db; run `echo two` } }
  phase right "Right" { after start; budget 10s
    step r "R" { run `touch right; for i in {1..100}; do test -e left && exit; sleep 0.1; done; false` } }
  phase end "End" { after left; needs right; budget 10s; step e "E" { run `true` } }
  scenario some "Some" { run start, end; use_when "x" }
  scenario api_only "Api" { only api; use_when "x" }
"""
)


def spans(scripts: Scripts) -> dict[str, tuple[int, int]]:
    """Where in the journal each phase begins and ends."""
    found: dict[str, list[int]] = {}
    for line in scripts.events("phase_start", "phase_end"):
        found.setdefault(line["unit"], []).append(line["seq"])
    return {unit: (first, last) for unit, (first, last) in found.items()}


def test_phases_run_in_order_and_side_by_side(compiled: Compiled) -> None:
    scripts = compiled(DIAMOND)
    result = scripts.run()
    assert result.returncode == 0, result.stdout + result.stderr
    at = spans(scripts)
    assert at["start"][1] < min(at["left"][0], at["right"][0])
    assert max(at["left"][1], at["right"][1]) < at["end"][0]
    assert at["left"][0] < at["right"][1]
    assert at["right"][0] < at["left"][1]


def test_jobs_limits_how_many_run_at_once(compiled: Compiled) -> None:
    scripts = compiled(
        DIAMOND.replace("test -e right && exit", "exit").replace("test -e left && exit", "exit")
    )
    assert scripts.run("--jobs", "1").returncode == 0
    at = sorted(spans(scripts).values())
    assert all(first[1] < second[0] for first, second in itertools.pairwise(at))


def test_a_scenario_keeps_the_order_over_phases_it_leaves_out(compiled: Compiled) -> None:
    scripts = compiled(DIAMOND)
    assert scripts.run("--scenario", "some").returncode == 0
    at = spans(scripts)
    assert set(at) == {"start", "end"}
    assert at["start"][1] < at["end"][0]


def test_a_scenario_of_one_service_runs_its_steps_alone(compiled: Compiled) -> None:
    scripts = compiled(DIAMOND)
    (scripts.folder / "right").touch()
    assert scripts.run("--scenario=api_only").returncode == 0
    assert scripts.outcomes() == [("one", "run", "done")]


@pytest.mark.parametrize(
    ("option", "phase", "ran"), [("--from", "right", {"right", "end"}), ("--only", "end", {"end"})]
)
def test_part_of_a_plan(compiled: Compiled, option: str, phase: str, ran: set[str]) -> None:
    scripts = compiled(DIAMOND)
    (scripts.folder / "left").touch()
    assert scripts.run(option, phase).returncode == 0
    assert set(spans(scripts)) == ran


@pytest.mark.parametrize("role", ["rollback", "capture", "verify", "monitor"])
def test_a_dry_run_does_nothing(compiled: Compiled, role: str) -> None:
    scripts = compiled(EVERYTHING)
    before = scripts.left()
    result = scripts.run("--dry-run", role=role, env={"PATH": f"{scripts.bin}:/usr/bin:/bin"})
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert scripts.left() == before
    assert "secretvalue" not in result.stdout


EVERYTHING = plan(
    """
  service api in production { version "v1" -> "v2" }
  secret TOKEN "A secret"
  capture { step c "C" { creates kept "kept"; run `touch touched; date > "$kept"` } }
  metrics from http "http://127.0.0.1:9/${metric}" json ".value" { errors ratio }
  triggers { automatic { errors > 1% for 1m } }
  point_of_no_return gone "Gone" { crossed when `touch touched`; blocks work }
  phase work "Work" { budget 10s
    step a "Step A" { uses kept; run `touch touched # the shell of a`; undo `touch touched`
      done_when `touch touched`; expect `touch touched`; retry 2 every 1s; timeout 5s }
    gate ok "A gate" { approvers "sre"; timeout 1s; otherwise abort }
    verify
    ensure step z "Ensure Z" { run `touch touched` } }
  verification { check v "Check V" { expect `touch touched` }
    metric errors < 1% }
  communications { channel slack "#x" using HOOK
    notify slack on start, failure, success }
  hook start `touch touched`
"""
)


def test_a_dry_run_shows_what_would_run(compiled: Compiled) -> None:
    shown = compiled(EVERYTHING).run("--dry-run").stdout
    for text in (
        "PHASE work: Work (budget 10s)",
        "Step A (limit 5s, up to 3 attempts)",
        "touch touched",
        "A gate (sre)",
        "Ensure Z",
        "Check V",
        "errors < 1%",
        "POINT OF NO RETURN gone",
        "past it these phases are not run: work",
    ):
        assert text in shown


UNDO = """
    step a "A" { run `echo a >> log`; undo `echo undo-a >> log` }
    step b "B" { run `echo b >> log`; undo `echo undo-b >> log; false` }
    step c "C" { run `echo c >> log` }
    step d "D" { run `echo d >> log; CODE`; undo `echo undo-d >> log` }
    ensure step z "Z" { run `echo z >> log` }
"""


def test_after_a_failure_what_was_done_is_undone_in_reverse(compiled: Compiled) -> None:
    scripts = compiled(one_phase(UNDO.replace("CODE", "false")))
    assert scripts.run().returncode == 1
    log = (scripts.folder / "log").read_text().split()
    assert log == ["a", "b", "c", "d", "undo-b", "undo-a", "z"]
    assert scripts.outcomes()[4:] == [
        ("b", "undo", "failed"),
        ("a", "undo", "done"),
        ("z", "ensure", "done"),
    ]


def test_without_a_failure_only_ensure_runs(compiled: Compiled) -> None:
    scripts = compiled(one_phase(UNDO.replace("CODE", "true")))
    assert scripts.run().returncode == 0
    assert (scripts.folder / "log").read_text().split() == ["a", "b", "c", "d", "z"]


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_in_order(compiled: Compiled, sign: signal.Signals, status: int) -> None:
    text = one_phase(UNDO.replace("CODE", "touch here; sleep 30"), "budget 60s")
    scripts = compiled(
        text.replace(
            "  phase work",
            '  phase work2 "Later" { after work; budget 1s; step x "X" { run `touch later` } }\n  phase work',
        )
    )
    with scripts.started() as run:
        while not (scripts.folder / "here").exists():
            time.sleep(0.05)
        # As the terminal does it: to every process of the group.
        os.killpg(run.pid, sign)
        run.communicate(timeout=20)
    assert run.returncode == status
    log = (scripts.folder / "log").read_text().split()
    assert log == ["a", "b", "c", "d", "undo-b", "undo-a", "z"]
    assert scripts.left() == [".rbc", "here", "log"]
    assert scripts.journal()[-1]["outcome"] == "interrupted"
    assert not (scripts.folder / ".rbc" / "locks" / "op-1").exists()


def test_an_ensure_that_fails_fails_the_phase(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `true` }\nensure step z "Z" { run `false` }'))
    assert scripts.run().returncode == 1


def test_after_a_failure_nothing_new_begins_and_what_runs_goes_on(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  phase bad "Bad" { budget 10s; step b "B" { run `while ! test -e started; do sleep 0.05; done; false` } }
  phase good "Good" { budget 10s; step g "G" { run `touch started; sleep 0.5; touch finished` } }
  phase later "Later" { after good; budget 10s; step l "L" { run `touch later` } }
"""
        )
    )
    assert scripts.run().returncode == 1
    assert scripts.left() == [".rbc", "finished", "started"]


def test_the_limit_of_a_phase_and_of_the_plan(compiled: Compiled) -> None:
    step = 'step a "A" { run `sleep 20` }\nensure step z "Z" { run `touch ensured` }'
    phase = compiled(one_phase(step, "budget 30s; timeout 500ms"))
    assert phase.run().returncode == 1
    (outcome,) = [e for e in phase.events("step_outcome") if e["step"] == "a"]
    assert "time limit of the phase" in outcome["error"]
    assert "ensured" in phase.left()


def test_the_limit_of_the_plan(compiled: Compiled) -> None:
    step = 'phase p "P" { budget 30s; step a "A" { run `sleep 20` }\nensure step z "Z" { run `touch ensured` } }'
    scripts = compiled(plan(step, header="timeout 1s"))
    assert scripts.run().returncode == 124
    assert "ensured" in scripts.left()
    assert scripts.document("failure.json")["rollback_failure"]["failure_details"]["step"] == "A"


def test_the_list_names_what_can_be_chosen(compiled: Compiled) -> None:
    shown = compiled(DIAMOND).run("--list").stdout
    for word in ("start", "left", "right", "end", "some", "api_only", "full"):
        assert f"  {word} " in shown


def test_the_journal_is_json_with_an_intent_before_each_outcome(compiled: Compiled) -> None:
    scripts = compiled(one_phase(UNDO.replace("CODE", "printf 'bad \\xff \"byte\\n'; false")))
    scripts.run()
    lines = scripts.journal()
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["operation"] for line in lines} == {"op-1"}
    assert len({(line["run"], line["plan_sha256"]) for line in lines}) == 1
    open_steps: set[tuple[str, str]] = set()
    for line in lines:
        key = (line.get("step", ""), line.get("kind", ""))
        if line["event"] == "step_intent":
            open_steps.add(key)
        elif line["event"] == "step_outcome":
            open_steps.remove(key)
    assert open_steps == set()
    assert lines[0]["event"] == "run_start"
    assert lines[-1]["event"] == "run_end"


def is_a_chain(scripts: Scripts) -> bool:
    """Whether each line of the journal has the hash of the line before it."""
    lines = (scripts.run_folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    hashes = ["0" * 64, *(sha256(line).hexdigest() for line in lines)]
    return [json.loads(line)["prev"] for line in lines] == hashes[:-1]


def test_the_journal_is_a_chain_of_hashes(compiled: Compiled) -> None:
    scripts = compiled(DIAMOND)
    scripts.run()
    assert is_a_chain(scripts)


def test_those_who_tell_people_write_into_the_same_chain(compiled: Compiled) -> None:
    told = (
        'communications { channel webhook "http://127.0.0.1:9/"\n notify webhook on start, phase }'
    )
    scripts = compiled(DIAMOND.replace("  phase start", f"  {told}\n  phase start", 1))
    scripts.run()
    assert len(scripts.events("notification")) > 2
    assert is_a_chain(scripts)


def test_a_hash_that_got_lost_is_worked_out_anew(compiled: Compiled) -> None:
    scripts = compiled(DIAMOND)
    scripts.stub(
        "sha256sum",
        """
        (($# == 0)) || exec /usr/bin/sha256sum "$@"
        IFS= read -r line
        if [[ $line == '{"seq":4,'* ]] && mkdir "$HOME/lost" 2>/dev/null; then exit 1; fi
        printf '%s\\n' "$line" | /usr/bin/sha256sum
        """,
    )
    assert scripts.run().returncode == 0
    assert is_a_chain(scripts)


def test_the_chain_goes_on_where_the_process_that_works_out_hashes_was_killed(
    compiled: Compiled,
) -> None:
    kill = "pkill -KILL -P $(cut -f3 .rbc/locks/*/owner) -f hash=.*sha256sum && touch shot"
    scripts = compiled(DIAMOND.replace("`true`", f"`{kill}`", 1))
    assert "pkill" in (scripts.folder / "rollback.sh").read_text()
    assert scripts.run().returncode == 0
    assert (scripts.folder / "shot").exists()
    assert is_a_chain(scripts)
    assert len(scripts.events("step_outcome")) == len(scripts.events("step_intent")) > 3


def test_who_has_the_number_of_that_process_by_now_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "journal.jsonl").write_bytes(b'{"seq":7,"x":1}\n')
    with subprocess.Popen(["sleep", "60"]) as bystander:
        code = f"""
            {runtime()}
            rbc_run_dir={tmp_path} rbc_journal={tmp_path}/journal.jsonl
            mkfifo {{token,chain,lines}}
            exec 5<>token 9<>chain {{rbc_to_hash}}<>lines
            printf . >&5
            rbc_hasher={bystander.pid} rbc_hasher_since='1 another-boot'
            rbc_take_token
            printf '%s %s' "$seq" "$prev"
        """
        done = subprocess.run(
            ["bash"], input=code, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        is_alive = bystander.poll() is None
        bystander.kill()
    assert is_alive
    assert done.stdout == "7 " + sha256(b'{"seq":7,"x":1}\n').hexdigest()


def test_no_process_is_left_behind_by_the_chain(compiled: Compiled) -> None:
    scripts = compiled(DIAMOND)
    with scripts.started() as run:
        group = run.pid
        run.communicate(timeout=60)
    assert run.returncode == 0
    for _ in range(100):
        if subprocess.run(["pgrep", "-g", str(group)], capture_output=True, check=False).returncode:
            return
        time.sleep(0.05)
    pytest.fail("something of the run is still there")


def test_a_step_whose_intent_is_not_on_the_disk_is_not_run(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `touch a` }\nstep b "B" { run `touch b` }'))
    scripts.stub(
        "sync",
        """
        ! grep -q '"event":"step_intent".*"step":"b"' "${@: -1}" || {
          echo "sync: error syncing: Input/output error" >&2
          exit 1
        }
        exec /usr/bin/sync "$@"
        """,
    )
    result = scripts.run()
    assert result.returncode == 1
    assert (scripts.folder / "a").exists()
    assert not (scripts.folder / "b").exists()
    assert "B: exit status 75: sync: error syncing: Input/output error" in result.stdout
    (scripts.bin / "sync").unlink()
    assert scripts.run("--resume").returncode == 0
    assert (scripts.folder / "b").exists()


PROVEN = plan(
    """
  phase back "Back" { budget 9s; step a "A" { run `touch back` } }
  phase mid "Mid" { after back; budget 9s; step b "B" { run `true` } }
  phase proof "Proof" { after mid; budget 9s; verify }
  scenario s "S" { run back; use_when "x" }
  verification { check c "C" { expect `true` } }
"""
)


@pytest.mark.parametrize(
    "arguments",
    [["--from", "mid", "--only", "back"], ["--scenario", "s", "--only", "mid"]],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_selection_of_nothing_is_no_success(
    compiled: Compiled, arguments: list[str], more: list[str]
) -> None:
    scripts = compiled(PROVEN)
    result = scripts.run(*arguments, *more)
    assert result.returncode == 2
    assert "there is nothing to run" in result.stderr
    assert " ".join(arguments) in result.stderr
    assert scripts.left() == []


def test_a_gate_between_waves_is_not_something_to_run(compiled: Compiled) -> None:
    scripts = compiled(
        PROVEN.replace(
            "  phase back",
            '  regions { wave eu\n gate ok "OK" { approvers "sre"; timeout 9s; otherwise abort }\n wave us }\n  phase back',
            1,
        )
    )
    assert scripts.run("--scenario", "s", "--only", "mid").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "verified"),
    [([], True), (["--only", "mid"], False), (["--scenario", "s"], False)],
)
def test_a_run_says_whether_it_was_verified(
    compiled: Compiled, arguments: list[str], verified: bool
) -> None:
    scripts = compiled(PROVEN)
    result = scripts.run(*arguments)
    assert result.returncode == 0
    assert ("NOT verified" in result.stdout) is not verified
    (end,) = scripts.events("run_end")
    assert end["verified"] is verified
    success = scripts.document("metrics.json")["rollback_metrics"]["rollback_success"]
    assert (success["verification_passed"] is True) is verified
    assert "NOT verified" in scripts.run("--help").stdout


def test_a_dry_run_shows_lists_whole_and_titles_on_one_line(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  param hosts: list<string> = ["a b", "c"]
  let zones = ["x", "y"]
  phase work "Work\\nPHASE fake" { budget 10s
    step a "A\\nPHASE faked: again" { run `echo "${hosts[@]}" "${zones[@]}"`; expect `true` } }
"""
        )
    )
    shown = scripts.run("--dry-run").stdout
    assert "$hosts = (a b, c)" in shown
    assert "$zones = (x, y)" in shown
    assert "$hosts = (d, e)" in scripts.run("--dry-run", "--set", "hosts=d,e").stdout
    assert [line for line in shown.splitlines() if line.startswith("PHASE")] == [
        "PHASE work: Work?PHASE fake (budget 10s)"
    ]
    assert "STEP A?PHASE faked: again" in shown
    assert "this must hold (succeeds):" in shown


def test_a_dry_run_shows_no_secret(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  secret TOKEN
  secret PIN
  phase work "Work" { budget 10s; step a "A" { run `true`; expect `echo "$TOKEN"` equals "${TOKEN}" } }
"""
        )
    )
    shown = scripts.run("--dry-run", env={"TOKEN": "hunter2", "PIN": "42"}).stdout
    assert "hunter2" not in shown
    assert "$PIN = ***" in shown
    assert "equals ***" in shown


def test_the_word_of_a_phase_arrives_whenever_it_comes(compiled: Compiled) -> None:
    phases = [
        f'phase p{i} "P" {{ budget 60s; step a "A" {{ run `sleep 0.{i % 10}` }} }}'
        for i in range(40)
    ]
    scripts = compiled(plan("\n".join(phases)))
    # The scheduler looks up every second; here it does so a thousand times as often, so that it
    # is interrupted while it reads.
    path = scripts.folder / "rollback.sh"
    text = path.read_text()
    assert text.count("read -r -t 1 -u 6 ") == 1
    path.write_text(text.replace("read -r -t 1 -u 6 ", "read -r -t 0.001 -u 6 "))
    done = scripts.run("--jobs", "6")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "its process is gone" not in done.stdout


def test_the_attempts_of_an_ensure_step_are_counted(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 30s
    step a "A" { run `false` }
    ensure step on "On" { retry 2 every 1s; run `date +%s >>tried; false` }
  }""")
    )
    scripts.stub("sleep", 'echo "$1" >>slept; exec /usr/bin/sleep "$@"')
    assert scripts.run().returncode == 1
    tries = [int(at) for at in (scripts.folder / "tried").read_text().split()]
    assert len(tries) == 3
    assert [e["attempt"] for e in scripts.events("step_intent") if e["kind"] == "ensure"] == [
        1,
        2,
        3,
    ]
    # Between attempts there is a pause, behind the last one there is none.
    assert (scripts.folder / "slept").read_text().split().count("1") == 2
