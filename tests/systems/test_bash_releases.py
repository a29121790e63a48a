"""The scripts do the same in every release of bash that is in use."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.killing import words
from tests.needing import where
from tests.runtime.running import Scripts, plan, wait_for

RELEASES = [
    pytest.param(release, marks=pytest.mark.needs(f"bash-{release}"))
    for release in ("5.1", "5.2", "5.3")
]

PLAN = plan(
    """
  metrics from http "http://127.0.0.1:9/${metric}" json ".value" { errors ratio }
  param  depth: int = 2 "How deep"
  let    names = ["a b", "ü"]
  secret TOKEN "A secret"
  capture {
    step keep "Keep" { creates kept "kept.txt" checksum sha256; run `echo kept >"$kept"` }
  }
  triggers { automatic { errors > 1% for 30s }; every 10s; no_data hold }
  point_of_no_return edge "Edge" {
    because "it is so"
    crossed when `test -e crossed`
    blocks second
    forward_fix { step "Forward" { run `echo forward >>ran` } }
  }
  phase first "First" { budget 30s
    step off "Off" { uses kept; run `echo off >>ran; cat "$kept"`; undo `echo on >>ran` }
    step flaky "Flaky" { rerunnable; retry 2 every 100ms
      run `echo "$TOKEN ${names[1]} $depth"; echo try >>ran; [ "$(grep -c try ran)" -ge 2 ]` }
    ensure step last "Last" { run `echo last >>ran` }
  }
  phase second "Second" { after first; budget 30s
    gate go "Go?" { approvers "dba"; timeout 30s; otherwise abort }
    step slow "Slow" { rerunnable; timeout 20s
      run `touch here; while [ ! -e done ]; do sleep 0.05; done`
      expect "a word" `printf ' word '` equals "word" within 2s every 100ms }
  }
  phase side "Side" { budget 30s; step by "By" { run `echo side >>ran` } }
  phase proof "Proof" { after second, side; budget 10s; verify }
  verification { check c "C" { expect `echo "depth $depth"` matches "^depth [0-9]$" } }
"""
)


class Shell:
    """The scripts of the plan, run by one release of bash."""

    def __init__(self, release: str, folder: Path) -> None:
        self.bash = str(where(f"bash-{release}"))
        self.scripts = Scripts(folder / "demo", PLAN)
        self.folder = self.scripts.folder

    def command(self, role: str, arguments: Sequence[str]) -> list[str]:
        return [self.bash, str(self.folder / f"{role}.sh"), *arguments]

    def run(self, role: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(role, arguments),
            cwd=self.folder,
            env=self.scripts.environment(TOKEN="never-to-be-seen"),  # noqa: S106 - a test's
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command("rollback", arguments),
            cwd=self.folder,
            env=self.scripts.environment(TOKEN="never-to-be-seen"),  # noqa: S106 - a test's
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def approve(self, *options: str) -> None:
        while not list(self.folder.glob(".rbc/runs/*/gates/*.waiting")):
            pass
        answered = self.run("rollback", "--approve", "go", "--as", "dba-oncall", *options)
        assert answered.returncode == 0, answered.stdout + answered.stderr


@pytest.mark.parametrize("release", RELEASES)
def test_a_run_from_capture_to_verification(release: str, tmp_path: Path) -> None:
    shell = Shell(release, tmp_path)
    captured = shell.run("capture")
    assert captured.returncode == 0, captured.stdout + captured.stderr
    assert "DRY RUN" in shell.run("rollback", "--dry-run").stdout
    assert not (shell.folder / "ran").exists()
    run = shell.start("--set", "depth=7")
    shell.approve()
    wait_for(shell.folder / "here")
    assert "second: under way" in shell.run("rollback", "--status").stdout
    (shell.folder / "done").touch()
    told, _ = run.communicate(timeout=60)
    assert run.returncode == 0, told
    assert "verified" in told
    assert "never-to-be-seen" not in told
    assert "│ *** ü 7" in told
    assert sorted(words(shell.folder / "ran")) == ["last", "off", "side", "try", "try"]
    assert [line["event"] for line in shell.scripts.journal()][-1] == "run_end"
    verified = shell.run("verify", "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["passed"] is True
    (shell.folder / "samples").write_text("".join(f"{t} errors 0.5\n" for t in range(0, 60, 10)))
    replayed = shell.run("monitor", "--replay", "samples")
    assert "30: errors > 1% would fire" in replayed.stdout, replayed.stdout + replayed.stderr


@pytest.mark.parametrize("release", RELEASES)
def test_a_signal_then_a_resume_then_the_point(release: str, tmp_path: Path) -> None:
    shell = Shell(release, tmp_path)
    assert shell.run("capture").returncode == 0
    run = shell.start()
    shell.approve()
    wait_for(shell.folder / "here")
    run.send_signal(signal.SIGTERM)
    told, _ = run.communicate(timeout=60)
    assert run.returncode == 143, told
    (shell.folder / "done").touch()
    resumed = shell.run("rollback", "--resume")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert words(shell.folder / "ran").count("off") == 1
    (shell.folder / "crossed").touch()
    past = shell.run("rollback", "--auto", "--reason", "test")
    assert past.returncode == 4, past.stdout + past.stderr
    assert words(shell.folder / "ran")[-1] == "forward"
