"""What the incident guide tells the person on call is so: its options, files and exit statuses."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, plan, wait_for

GUIDE = (Path(__file__).parent.parent / "docs" / "incident-guide.md").read_text("utf-8")

PLAN = plan("""
  phase first "First" { budget 60s
    gate go "Go on?" { approvers "dba"; timeout 60s; otherwise abort }
    step off "Off" { rerunnable; run `echo off >>ran`; undo `echo on >>ran` }
    step wait "Wait" { rerunnable; run `touch here; while [ ! -e done ]; do sleep 0.05; done` }
  }
  phase proof "Proof" { after first; budget 60s; verify }
  verification { check c "C" { expect `true` } }""")


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path / "demo", PLAN)


def test_every_option_is_one_of_the_script(scripts: Scripts) -> None:
    known = set(re.findall(r"--[a-z-]+", scripts.run("--help").stdout)) - {"--run-dir"}
    told = set(re.findall(r"(?<![-\w])--[a-z][a-z-]*", GUIDE))
    assert told
    assert told <= known


def test_every_exit_status_is_one_of_the_script(scripts: Scripts) -> None:
    told = re.findall(r"^\| ([\d, ]+) \|", GUIDE, flags=re.MULTILINE)
    numbers = {int(n) for cell in told for n in cell.split(",")}
    (known,) = re.findall(r"Exit status: (.*?)\.", scripts.run("--help").stdout, flags=re.DOTALL)
    # 2 is wrong usage, which says by itself what to do.
    assert numbers == {int(n) for n in re.findall(r"\b\d+\b", known)} - {2}


def answer(scripts: Scripts, option: str) -> None:
    while not list(scripts.folder.glob(".rbc/runs/*/gates/*.waiting")):
        pass
    assert scripts.run(option, "go", "--as", "YOUR-NAME").returncode == 0


def test_the_story_of_a_night(scripts: Scripts) -> None:
    run: Callable[..., str] = lambda *words: scripts.run(*words).stdout  # noqa: E731 - a shorthand
    assert "nothing is run" in run("--dry-run")
    assert "PHASES" in run("--list")
    with scripts.started() as started:
        answer(scripts, "--approve")
        wait_for(scripts.folder / "here")
        assert "first: under way" in run("--status")
        started.send_signal(signal.SIGINT)
        told, _ = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "NOT DONE" in told
    assert (scripts.folder / "ran").read_text().split() == ["off", "on"]
    assert (scripts.run_folder / "failure.json").exists()
    (scripts.folder / "done").touch()
    resumed = scripts.run("--resume")
    assert resumed.returncode == 0, resumed.stdout
    assert str(scripts.run_folder) in resumed.stdout
    table = GUIDE.partition("## Read a run")[2].partition("##")[0]
    files = set(re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE))
    there = {p.name + ("/" if p.is_dir() else "") for p in scripts.run_folder.iterdir()}
    assert files - {"failure.json"} <= there
    assert "failure.json" not in there
