"""The lock, and resuming after a crash or a failure."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, is_running, kill_tree, one_phase, plainly, plan, wait_for

Compiled = Callable[[str], Scripts]


TRUE = one_phase('step a "A" { run `true` }')


WAITING = one_phase(
    'step a "A" { run `echo a >> ran` }\nstep b "B" { OPTIONS run `echo b >> ran; touch here; while ! test -e go; do sleep 0.05; done` }'
    '\nstep c "C" { run `echo c >> ran` }',
    "budget 60s",
)


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
        kill_tree(run.pid)
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
    with scripts.at_a_terminal("--resume", early="d\n") as terminal:
        terminal.wait_for("(a)bort? ")
        terminal.type(answer)
        assert terminal.end() == status, terminal.seen
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


@pytest.mark.parametrize(
    "option",
    [
        "--scenario=full",
        "--from=two",
        "--only=two",
        "--set=word=new",
        "--reason=r",
        "--rehearsal=x",
    ],
)
def test_what_a_run_was_begun_with_is_not_changed_by_a_resume(
    compiled: Compiled, option: str
) -> None:
    scripts = compiled(
        plan("""  param word: string = "default"
  phase one "One" { budget 9s; step a "A" { run `test -e mended; printf '%s' "$word" > out` } }
  phase two "Two" { after one; budget 9s; step b "B" { run `touch two` } }""")
    )
    assert scripts.run().returncode == 1
    (scripts.folder / "mended").touch()
    journal = scripts.journal()
    for arguments in (["--resume", option], [option, "--archive"]):
        refused = scripts.run(*arguments)
        assert refused.returncode == 2
        assert option.partition("=")[0] in refused.stderr
    assert scripts.journal() == journal
    assert scripts.run("--resume", "--jobs", "1", "--auto").returncode == 0
    assert (scripts.folder / "out").read_text() == "default"


def test_the_run_that_was_written_last_is_meant(compiled: Compiled) -> None:
    """Also where the clock was set back, or a run has another name."""
    scripts = compiled(one_phase('step a "A" { run `test -e mended` }'))
    (scripts.folder / "mended").touch()
    assert scripts.run("--run-dir", ".rbc/runs/rehearsal-1").returncode == 0
    (scripts.folder / "mended").unlink()
    assert scripts.run().returncode == 1
    assert "ended: failure" in scripts.run("--status").stdout
    (scripts.folder / "mended").touch()
    resumed = scripts.run("--resume")
    assert resumed.returncode == 0
    assert "rehearsal-1" not in resumed.stdout


def test_a_run_that_was_archived_again_is_not_the_last_one(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            'phase work "Work" { budget 9s; step a "A" { run `false` } }',
            header='  archive folder "audit"',
        )
    )
    for name in ("first", "second"):
        assert scripts.run("--run-dir", f".rbc/runs/{name}").returncode == 1
    assert scripts.run("--archive", "first").returncode == 0
    assert '"event":"archive"' in (scripts.folder / ".rbc/runs/first/journal.jsonl").read_text()
    assert scripts.run("--status").stdout.startswith("run second,")


@pytest.mark.parametrize("secret", ["gate-plan", "work", "word", "manual"])
def test_a_secret_that_is_a_name_of_the_plan_hides_no_run(compiled: Compiled, secret: str) -> None:
    scripts = compiled(
        one_phase('step a "A" { run `echo "$word" >>out; test -e mended` }')
        .replace("plan demo", "plan gate-plan")
        .replace("phase work", 'secret PW\n  param word: string = "default"\n  phase work', 1)
    )
    known = {"PW": secret}
    assert scripts.run("--only", "work", "--set", "word=mine", env=known).returncode == 1
    assert "1 phases done" in scripts.run("--status", env=known).stdout
    (scripts.folder / "mended").touch()
    resumed = scripts.run("--resume", env=known)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert (scripts.folder / "out").read_text() == "mine\nmine\n"
    (start,) = scripts.events("run_start")
    assert (start["plan"], start["only"], start["trigger"]) == ("gate-plan", "work", "manual")


def test_a_run_that_was_killed_before_its_values_were_kept_is_not_resumed(
    compiled: Compiled,
) -> None:
    scripts = compiled(
        plan(
            'phase work "Work" { budget 9s; step a "A" { run `echo "$image" >>out; false` } }',
            header='  param image: string = "default"',
        )
    )
    assert scripts.run("--set", "image=v1").returncode == 1
    journal = scripts.run_folder / "journal.jsonl"
    begun, kept, *_ = journal.read_text().splitlines(keepends=True)
    journal.write_text(begun)
    refused = scripts.run("--resume")
    assert refused.returncode == 3
    assert "before it had written down what --set gave" in refused.stderr
    assert (scripts.folder / "out").read_text() == "v1\n"
    assert not (scripts.folder / ".rbc/locks/op-1").exists()
    journal.write_text(begun + kept)
    assert scripts.run("--resume").returncode == 1
    assert (scripts.folder / "out").read_text() == "v1\nv1\n"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b'caf\xc3\xa9 \xf0\x9f\x98\x80 "\\n\\" \t\r\n.', True),
        (b"caf\xe9", False),
        (b"bell\x07", False),
        (b"\x01", False),
        (b"\x7f", False),
    ],
)
def test_a_value_that_a_resume_would_change_is_refused(
    compiled: Compiled, locale: str, value: bytes, kept: bool
) -> None:
    scripts = compiled(
        plan(
            'phase work "Work" { budget 9s; step a "A" { run `printf %s "$word" >>out; false` } }',
            header='  param word: string = "x"',
        )
    )
    given = os.fsdecode(b"word=" + value)
    done = scripts.run("--set", given, env={"LC_ALL": locale})
    if not kept:
        assert done.returncode == 2
        assert "--set word: the journal can't keep" in done.stderr
        assert scripts.left() == []
        return
    assert done.returncode == 1, done.stderr
    assert scripts.run("--resume", env={"LC_ALL": locale}).returncode == 1
    assert (scripts.folder / "out").read_bytes() == value + value


def test_a_run_that_is_done_is_not_resumed(compiled: Compiled) -> None:
    scripts = compiled(TRUE)
    assert scripts.run().returncode == 0
    before = {p: p.read_bytes() for p in scripts.run_folder.rglob("*") if p.is_file()}
    for arguments in (["--resume"], ["--resume", scripts.run_folder.name]):
        refused = scripts.run(*arguments)
        assert refused.returncode == 2
        ended = scripts.events("run_end")[0]["time"]
        for told in (scripts.run_folder.name, ended, "DONE", "report.md"):
            assert told in refused.stderr
    assert {p: p.read_bytes() for p in scripts.run_folder.rglob("*") if p.is_file()} == before
    assert not (scripts.folder / ".rbc/locks/op-1").exists()


@pytest.mark.parametrize("folder", ["/nonexistent", "/proc"])
def test_a_resume_needs_no_room_elsewhere(compiled: Compiled, folder: str) -> None:
    scripts = compiled(one_phase('step a "A" { run `test -e mended` }'))
    assert scripts.run().returncode == 1
    (scripts.folder / "mended").touch()
    resumed = scripts.run("--resume", env={"TMPDIR": folder})
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr


def test_a_run_of_another_plan_is_not_resumed(compiled: Compiled, tmp_path: Path) -> None:
    scripts = compiled(one_phase('step a "A" { run `false` }'))
    scripts.run()
    other = Scripts(tmp_path / "other", one_phase('step a "A" { run `true` }'))
    (scripts.folder / "rollback.sh").write_text((other.folder / "rollback.sh").read_text())
    result = scripts.run("--resume")
    assert result.returncode == 3
    assert "another version" in result.stderr


def test_a_lock_that_was_taken_meanwhile_is_not_taken_again(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `touch ran` }'))
    lock = scripts.folder / ".rbc" / "locks" / "op-1"
    (lock / "alive").mkdir(parents=True)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (lock / "owner").write_text(f"x\t{os.uname().nodename}\t{gone.pid}\t2026-01-01T00:00:00Z\n")
    os.mkfifo(lock / "alive" / "unit.1")
    with scripts.started() as late:  # it has seen that the owner is dead, and looks what it left
        with (lock / "alive" / "unit.1").open("w"):
            lock.rename(lock.with_name("seen"))
            lock.mkdir()  # another one was faster, and is about to write who it is
        late.communicate(timeout=30)
    assert late.returncode == 5
    assert lock.is_dir()
    assert not (scripts.folder / "ran").exists()


def test_of_many_runs_at_once_one_goes_ahead(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase('step a "A" { run `echo ran >> ran; until [[ -e go ]]; do sleep 0.1; done` }')
    )
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
    while sum(run.poll() is not None for run in runs) < len(runs) - 1:
        time.sleep(0.05)
    (scripts.folder / "go").touch()
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


@pytest.mark.parametrize("survivor", ["phase", "step"])
@pytest.mark.parametrize("arguments", [["--resume"], [], ["--steal-lock"]])
def test_nothing_is_begun_beside_what_a_killed_run_started(
    compiled: Compiled, survivor: str, arguments: list[str]
) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", "rerunnable;"))
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        alive = scripts.folder / ".rbc/locks/op-1/alive"
        (unit,) = (file.read_text().split()[0] for file in alive.glob("unit.*"))
        (group,) = (file.read_text().split()[0] for file in alive.glob("group.*"))
        victims = [run.pid, *([int(unit)] if survivor == "step" else [])]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(run.pid, 0)
        run.returncode = -9
        refused = scripts.run(*arguments)
        assert refused.returncode == 5, refused.stdout + refused.stderr
        assert "nothing is begun beside" in refused.stderr
        told = unit if survivor == "phase" else f"-{group}"
        assert f" {told}\n" in refused.stderr
        assert (scripts.folder / "ran").read_text().split() == ["a", "b"]
        os.killpg(int(group), signal.SIGKILL)
        while survivor == "phase" and is_running(unit):
            time.sleep(0.05)
    (scripts.folder / "go").touch()
    assert scripts.run("--resume").returncode == 0
    assert (scripts.folder / "ran").read_text().split() == ["a", "b", "b", "c"]


def test_status_names_no_step_that_is_done(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  phase one "One" { budget 60s; step a "A" { run `true` }
    verify }
  verification { check c "C" { expect `touch here; while ! test -e go; do sleep 0.05; done` } }
"""
        )
    )
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        status = scripts.run("--status").stdout
        (scripts.folder / "go").touch()
        run.communicate(timeout=60)
    assert "  ▶ one: under way\n" in status
    assert "  ✓ one: done\n" in scripts.run("--status").stdout


def test_a_phase_whose_process_is_killed_is_undone_and_its_step_ended(compiled: Compiled) -> None:
    steps = """
    step a "A" { run `echo a >> ran`; undo `echo undo-a >> ran` }
    step b "B" { run `echo b >> ran; echo "$$" >pid; touch here; sleep 60; echo late >> ran`; undo `echo undo-b >> ran` }
    ensure step z "Z" { run `echo z >> ran` }"""
    scripts = compiled(one_phase(steps, "budget 60s"))
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        (unit,) = (scripts.folder / ".rbc/locks/op-1/alive").glob("unit.*")
        os.kill(int(unit.read_text().split()[0]), signal.SIGKILL)
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 1, told
    assert "NOT DONE" in told
    assert not is_running((scripts.folder / "pid").read_text())
    assert (scripts.folder / "ran").read_text().split() == ["a", "b", "undo-a", "z"]
    failure = scripts.document("failure.json")["rollback_failure"]
    assert "its process was killed" in failure["failure_details"]["error_message"]
    assert not (scripts.folder / ".rbc/locks/op-1").exists()
    # Nobody knows how far the step came.
    resumed = scripts.run("--resume")
    assert resumed.returncode == 3
    assert "the outcome of `B` (work/b) is unknown" in resumed.stderr


def test_a_run_is_not_resumed_beside_itself_from_another_folder(compiled: Compiled) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", "rerunnable;"))

    def resume() -> subprocess.CompletedProcess[str]:
        return scripts.execute(
            str(scripts.folder / "rollback.sh"),
            "--resume",
            str(scripts.run_folder),
            cwd=scripts.elsewhere(),
        )

    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        refused = resume()
        assert refused.returncode == 5, refused.stdout
        assert f"(process {run.pid})" in refused.stderr
        os.kill(run.pid, signal.SIGKILL)
        run.wait(timeout=10)
        orphans = resume()
        assert orphans.returncode == 5, orphans.stdout
        assert "nothing is begun beside" in orphans.stderr
    for mark in sorted((scripts.folder / ".rbc/locks/op-1/alive").iterdir(), reverse=True):
        pid = int(mark.read_text().split()[0])
        (os.killpg if mark.name.startswith("group") else os.kill)(pid, signal.SIGKILL)
        while is_running(pid):
            time.sleep(0.05)
    (scripts.folder / "go").touch()  # it goes on where it was begun
    resumed = resume()
    assert resumed.returncode == 0, resumed.stdout
    assert not (scripts.folder / ".rbc/locks/op-1").exists()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="root writes everywhere")
def test_a_refused_run_leaves_the_lock_of_another_as_it_is(compiled: Compiled) -> None:
    scripts = compiled(TRUE)
    lock = scripts.folder / ".rbc" / "locks" / "op-1"
    (lock / "alive").mkdir(parents=True)
    owner = f"eve\t{os.uname().nodename}\t{os.getpid()}\t2026-01-01T00:00:00Z\n"
    (lock / "owner").write_text(owner)
    lock.parent.chmod(0o555)
    lock.parent.parent.chmod(0o555)

    def start() -> subprocess.CompletedProcess[str]:
        return scripts.execute(*plainly(), "./rollback.sh")

    held = start()
    assert held.returncode == 5, held.stderr
    assert "op-1 is being rolled back by eve" in held.stderr
    # That one died, but its lock can't be taken.
    (lock / "owner").write_text(owner.replace(str(os.getpid()), "4194305"))
    dead = start()
    assert dead.returncode == 3, dead.stderr
    assert "nothing can be written in" in dead.stderr
    lock.parent.parent.chmod(0o755)
    lock.parent.chmod(0o755)
    assert sorted(p.name for p in lock.iterdir()) == ["alive", "owner"]


def test_another_name_of_the_host_in_the_environment_changes_no_lock(compiled: Compiled) -> None:
    scripts = compiled(WAITING.replace("OPTIONS", "rerunnable;"))
    killed_while_running(scripts)
    other = {"HOSTNAME": "elsewhere"}
    assert "its process is gone" in scripts.run("--status", env=other).stdout
    result = scripts.run("--resume", env=other)
    assert result.returncode == 0, result.stderr


def test_a_run_beside_one_that_was_not_done_says_what_goes_on_with_that(compiled: Compiled) -> None:
    """In a hurry one starts the script again, and all that was done already is done anew."""
    scripts = compiled(
        one_phase('step a "A" { run `echo a >> ran` }\nstep b "B" { run `test -e mended` }')
    )
    first = scripts.run()
    assert first.returncode == 1
    assert "begins anew" not in first.stdout
    (failed,) = (scripts.folder / ".rbc" / "runs").iterdir()
    (scripts.folder / "mended").touch()
    second = scripts.run()
    assert second.returncode == 0
    (said,) = [line for line in second.stdout.splitlines() if "begins anew" in line]
    assert f"--resume {failed.name} goes on with it" in said
    # What is done is not gone on with, whatever was before it.
    assert "begins anew" not in scripts.run().stdout


def test_a_run_that_a_point_has_stopped_is_not_gone_on_with(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  point_of_no_return gone "Gone" { crossed when `test -e gone`; blocks work }
  phase work "Work" { budget 60s; step a "A" { run `true` } }""")
    )
    (scripts.folder / "gone").touch()
    assert scripts.run().returncode == 4
    assert "begins anew" not in scripts.run().stdout
