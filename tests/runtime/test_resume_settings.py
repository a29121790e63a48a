"""What a resume takes from the run: folders and options; and what it may not run again unasked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

CAPTURED = plan("""
  capture { step save "Save" { creates dump "dump"; run `echo saved >"$dump"` } }
  phase one "One" { budget 9s; step a "A" { run `echo a >>ran; test -e mended` } }
  phase two "Two" { after one; budget 9s
    step b "B" { uses dump; run `cp "$dump" used; echo "$RBC_SCENARIO" >scenario` } }
  scenario part "Part" { run one..two; use_when "x" }""")


def resumed_elsewhere(scripts: Scripts, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A resume of the one run, from another folder than that it was begun in."""
    return scripts.execute(
        str(scripts.folder / "rollback.sh"),
        "--resume",
        str(scripts.run_folder),
        *arguments,
        cwd=scripts.elsewhere(),
    )


def failed_run(compiled: Compiled) -> Scripts:
    scripts = compiled(CAPTURED)
    assert scripts.run("--artifacts", "kept", role="capture").returncode == 0
    failed = scripts.run("--artifacts", "kept", "--scenario", "part", "--jobs", "1")
    assert failed.returncode == 1, failed.stderr
    return scripts


def test_a_resume_takes_artifacts_and_folder_from_the_run(compiled: Compiled) -> None:
    scripts = failed_run(compiled)
    (scripts.folder / "mended").touch()
    resumed = resumed_elsewhere(scripts)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert (scripts.folder / "used").read_text() == "saved\n"
    assert (scripts.folder / "scenario").read_text() == "part\n"
    assert list(scripts.elsewhere().iterdir()) == []
    assert [e["jobs"] for e in scripts.events("run_start", "run_resume")] == [1, 1]


def test_a_hint_of_a_resume_can_be_typed_where_it_was_typed(compiled: Compiled) -> None:
    scripts = failed_run(compiled)
    failed = resumed_elsewhere(scripts)
    assert failed.returncode == 1
    assert f"{scripts.folder}/rollback.sh --resume {scripts.run_folder}" in failed.stdout


def test_other_artifacts_are_taken_where_they_are_named(compiled: Compiled) -> None:
    scripts = failed_run(compiled)
    (scripts.folder / "mended").touch()
    (scripts.folder / "kept").rename(scripts.elsewhere() / "moved")
    assert resumed_elsewhere(scripts).returncode == 3
    resumed = resumed_elsewhere(scripts, "--artifacts", "moved", "--jobs", "2")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert (scripts.folder / "used").read_text() == "saved\n"
    assert scripts.events("run_resume")[-1]["jobs"] == 2


UNDONE = plan("""  phase work "Work" { budget 30s
    step off "Off" { OPTIONS run `echo off >>ran`; undo `echo on >>ran; test -e undoable` }
    step bad "Bad" { rerunnable; run `echo bad >>ran; test -e mended` }
  }""")


@pytest.mark.parametrize(
    ("options", "answer", "status", "ran"),
    [
        ("", "", 3, "off bad on"),
        ("", "d", 0, "off bad on bad"),
        ("", "r", 0, "off bad on off bad"),
        ("rerunnable;", "", 0, "off bad on off bad"),
    ],
)
def test_a_step_whose_undo_failed_is_not_run_again_unasked(
    compiled: Compiled, options: str, answer: str, status: int, ran: str
) -> None:
    scripts = compiled(UNDONE.replace("OPTIONS", options))
    assert scripts.run().returncode == 1
    (scripts.folder / "mended").touch()
    if answer:
        with scripts.at_a_terminal("--resume") as terminal:
            terminal.wait_for("`Off` was being undone, which was cut short or failed")
            terminal.wait_for("(a)bort? ")
            terminal.type(answer)
            assert terminal.end() == status, terminal.seen
    else:
        resumed = scripts.run("--resume")
        assert resumed.returncode == status, resumed.stdout + resumed.stderr
        assert ("the outcome of `Off` (work/off) is unknown" in resumed.stderr) is (status == 3)
    assert (scripts.folder / "ran").read_text().split() == ran.split()


def test_a_step_that_was_undone_is_run_again(compiled: Compiled) -> None:
    scripts = compiled(UNDONE.replace("OPTIONS", ""))
    (scripts.folder / "undoable").touch()
    assert scripts.run().returncode == 1
    (scripts.folder / "mended").touch()
    assert scripts.run("--resume").returncode == 0
    assert Path(scripts.folder / "ran").read_text().split() == ["off", "bad", "on", "off", "bad"]
