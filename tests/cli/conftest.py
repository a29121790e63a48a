"""The real command, in a process of its own, as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Rbc = Callable[..., "subprocess.CompletedProcess[str]"]

POWERLESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")

PLAN = """\
rbplan 1

plan shop "Web shop 3.2" {
  level  2
  change "Web shop 3.2 goes live."
  service shop in production { version "3.1.4" -> "3.2.0" }
  phase back "Back to 3.1.4" {
    budget 4m
    step undo "Go back" {
      for shop
      timeout 3m
      run `kubectl -n shop rollout undo deployment/shop --to-revision=41`; expect `kubectl -n shop rollout status deployment/shop --timeout=90s`
    }
  }
  phase proof "Verification" { after back; budget 2m; verify }
  phase tidy "Tidy up" {
    after proof
    budget 1m
    off_clock
    step flags "Drop the flags of 3.2" {
      timeout 50s
      run `kubectl -n shop delete configmap shop-3-2-flags --ignore-not-found`
    }
  }
  scenario quick "In a hurry" { run back..proof }
  verification {
    check health "The shop answers" {
      expect `curl -fsS --max-time 5 https://shop.example/health` contains "ok"
    }
    confirm "A test order goes through"
  }
  testing { in staging { passed 2025-12-08T10:00:00Z; took 5m } }
}
"""

MODULE = """\
rbplan 1
module "Things"

step wait(seconds: int) "Wait" { run `sleep "$seconds"` }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty project folder."""
    (tmp_path / "rbc.toml").touch()
    return tmp_path


@pytest.fixture
def plan(folder: Path) -> Path:
    """`shop.rbplan`, a plan without findings."""
    path = folder / "shop.rbplan"
    path.write_text(PLAN)
    return path


@pytest.fixture
def rbc(folder: Path) -> Rbc:
    """Runs `rbc` in the project folder, for 60 s at most; `environment` adds variables.

    With `powerless` root can't read what nobody may read.
    """

    def run(
        *arguments: str | Path,
        stdin: str | bytes = b"",
        environment: dict[str, str] | None = None,
        powerless: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        dropped = {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}
        inherited = {k: v for k, v in os.environ.items() if k not in dropped}
        done = subprocess.run(
            [
                *(POWERLESS if powerless and os.geteuid() == 0 else ()),
                *(sys.executable, "-m", "rbdsl.cli.main", *map(str, arguments)),
            ],
            cwd=folder,
            input=data,
            env={**inherited, "RBC_TRACEBACK": "", **(environment or {})},
            capture_output=True,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run
