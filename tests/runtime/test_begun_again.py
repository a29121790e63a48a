"""What a tired person does after a run that was not done: begins again, resumes, thinks better of it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable

import pytest

from tests.runtime.running import Scripts, kill_tree, one_phase, plan, wait_for

Compiled = Callable[[str], Scripts]

TWO = """  phase first "First" { budget 20s; step a "A" { run `true` } }
  phase work "Work" { budget 20s; after first; step b "B" { run `test -e mended` } }"""


def note(text: str) -> str:
    """The line about the run that was not done, if there is one."""
    return "".join(line for line in text.splitlines() if "begins anew" in line)


def test_a_rehearsal_that_was_not_done_is_not_what_a_rollback_goes_on_with(
    compiled: Compiled,
) -> None:
    scripts = compiled(plan(TWO))
    assert scripts.run("--rehearsal", "staging").returncode == 1
    real = scripts.run()
    assert real.returncode == 1
    assert note(real.stdout) == ""
    # Another rehearsal would go on with the first, a rollback with the real one.
    assert "--resume" in note(scripts.run().stdout)


def test_the_note_says_when_and_what_part_of_a_rollback_was_not_done(compiled: Compiled) -> None:
    scripts = compiled(plan(TWO))
    assert scripts.run("--only", "work").returncode == 1
    began = scripts.journal()[0]["time"]
    assert f"the run of {began} (full, work alone) was not done" in note(scripts.run().stdout)


def test_the_note_takes_the_kept_script_where_the_plan_is_another_one(compiled: Compiled) -> None:
    scripts = compiled(plan(TWO))
    assert scripts.run().returncode == 1
    kept = scripts.run_folder / "rollback.sh"
    shutil.rmtree(scripts.bin)
    again = Scripts(scripts.folder, plan(TWO.replace("mended", "repaired")))
    assert f"{kept} --resume " in note(again.run().stdout)


def test_the_note_needs_no_program_that_is_not_asked_for(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `true` }'))
    scripts.stub("grep", "exit 127")
    assert scripts.run().returncode == 0
    assert note(scripts.run().stdout) == ""


def test_a_forward_fix_is_begun_without_a_word_about_a_resume(compiled: Compiled) -> None:
    scripts = compiled(
        plan(f"""  point_of_no_return gone "Gone" {{
    crossed when `test -e gone`
    blocks work
    forward_fix {{ step "Forward" {{ run `true` }} }}
  }}
{TWO}""")
    )
    assert scripts.run().returncode == 1
    (scripts.folder / "gone").touch()
    fixed = scripts.run("--forward-fix", "gone")
    assert fixed.returncode == 0, fixed.stdout
    assert note(fixed.stdout) == ""


def test_a_forward_fix_that_failed_says_how_it_is_begun_again(compiled: Compiled) -> None:
    scripts = compiled(
        plan(f"""  point_of_no_return gone "Gone" {{
    crossed when `true`
    blocks work
    forward_fix {{ step "Forward" {{ run `false` }} }}
  }}
{TWO}""")
    )
    failed = scripts.run("--auto", "--reason", "because")
    assert failed.returncode == 4
    hint = "the forward fix was not done; ./rollback.sh --forward-fix gone runs it"
    assert hint.replace("./rollback.sh", str(scripts.folder / "rollback.sh")) in failed.stdout


def test_a_run_whose_kept_script_is_gone_is_resumed(compiled: Compiled) -> None:
    scripts = compiled(plan(TWO))
    assert scripts.run().returncode == 1
    (scripts.run_folder / "rollback.sh").unlink()
    (scripts.folder / "mended").touch()
    resumed = scripts.run("--resume")
    assert resumed.returncode == 0, resumed.stdout
    assert (scripts.run_folder / "rollback.sh").exists()


def test_a_resume_by_a_script_that_was_changed_says_which_is_run(compiled: Compiled) -> None:
    scripts = compiled(plan(TWO))
    assert scripts.run().returncode == 1
    kept = scripts.run_folder / "rollback.sh"
    assert "what is run is" not in scripts.run("--resume").stdout
    script = scripts.folder / "rollback.sh"
    script.write_text(script.read_text().replace("test -e mended", "true"))
    resumed = scripts.run("--resume")
    assert resumed.returncode == 1
    assert f"what is run is {kept}" in resumed.stdout


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_ends_the_question_of_a_resume(
    compiled: Compiled, sent: signal.Signals, status: int
) -> None:
    scripts = compiled(
        one_phase('step a "A" { run `echo a >>ran; touch here; sleep 60` }', "budget 90s")
    )
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        kill_tree(run.pid)
        run.wait(timeout=10)
    with scripts.at_a_terminal("--resume") as terminal:
        terminal.wait_for("(a)bort? ")
        os.killpg(terminal.process.pid, sent)
        terminal.wait_for("stopped; nothing was done")
        assert terminal.end() == status, terminal.seen
    assert (scripts.folder / "ran").read_text() == "a\n"
    assert not list((scripts.folder / ".rbc" / "locks").iterdir())


def test_a_signal_while_checksums_are_taken_makes_no_artifact_a_wrong_one(
    compiled: Compiled,
) -> None:
    scripts = compiled(
        plan("""  capture { step dump "Dump" { creates saved "saved" checksum sha256; run `echo x >"$saved"` } }
  phase work "Work" { budget 20s; step a "A" { uses saved; run `touch ran` } }""")
    )
    assert scripts.run(role="capture").returncode == 0
    scripts.stub("sha256sum", "touch here; sleep 30")
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        os.killpg(run.pid, signal.SIGINT)
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 130, told
    assert "stopped; nothing was touched" in told
    assert "is not what was captured" not in told
    assert not (scripts.folder / ".rbc" / "runs").exists()


def test_a_word_that_is_no_answer_is_called_so(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 60s
    gate go "Go?" { approvers "dba"; timeout 30s; otherwise abort }
  }""")
    )
    with scripts.at_a_terminal() as terminal:
        terminal.wait_for("type: yes")
        terminal.type("")
        terminal.type("Yes please")
        terminal.wait_for("`Yes please` is no answer; type yes or no")
        terminal.type("yes")
        assert terminal.end() == 0, terminal.seen
    assert terminal.seen.count("is no answer") == 1


def test_a_forward_fix_that_was_killed_is_begun_again_and_not_resumed(compiled: Compiled) -> None:
    scripts = compiled(
        plan(f"""  point_of_no_return gone "Gone" {{
    crossed when `true`
    blocks work
    forward_fix {{ step "Forward" {{ run `touch here; sleep 30` }} }}
  }}
{TWO}""")
    )
    with scripts.started("--forward-fix", "gone") as run:
        wait_for(scripts.folder / "here")
        kill_tree(run.pid)
        run.wait(timeout=10)
    again = f"{scripts.folder / 'rollback.sh'} --forward-fix gone"
    assert f"go on with {again}" in scripts.run("--status").stdout
    assert f"go on with it: {again}" in scripts.run("--approve", "x", "--as", "eve").stderr
    assert f"begin it again: {again}\n" in scripts.run("--resume").stderr
