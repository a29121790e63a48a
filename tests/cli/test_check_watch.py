"""`rbc check --watch`: a real process that checks again after each change, until interrupted."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import MODULE, PLAN, Rbc

PATIENCE_S = 60
WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }")


class Watcher:
    """The process and what it has printed since the last look."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "rbdsl.cli.main", "check", "--watch", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def until(self, words: str) -> str:
        """What is printed up to some words, with the rest of their check."""
        assert self.process.stdout
        text = ""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            end = time.monotonic() + PATIENCE_S
            while words not in text:
                assert time.monotonic() < end, f"{words!r} does not come, only {text!r}"
                if selector.select(timeout=1):
                    data = os.read(self.process.stdout.fileno(), 65536)
                    assert data, f"ended after {text!r}"
                    text += data.decode()
        return text

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def watchers() -> Iterator[list[Watcher]]:
    started: list[Watcher] = []
    yield started
    for watcher in started:
        watcher.process.kill()
        watcher.process.communicate()


def test_it_checks_again_after_each_change_until_interrupted(
    watchers: list[Watcher], plan: Path, folder: Path
) -> None:
    watcher = Watcher(folder, ".")
    watchers.append(watcher)
    watcher.until("nothing to report in 1 file\n")
    plan.write_text(WRONG)
    assert "shop.rbplan\nerror[RB304]: " in watcher.until("1 error in 1 file\n")
    (folder / "notes.txt").write_text("not a plan")
    (folder / "sub").mkdir()
    (folder / "sub" / "more.rbplan").write_text(PLAN.replace("plan shop", "plan more"))
    text = watcher.until("1 error in 2 files\n")
    assert "sub/more.rbplan\n" in text
    assert "notes.txt" not in text
    plan.write_text(PLAN)
    watcher.until("nothing to report in 2 files\n")
    assert watcher.interrupt() == 130


def test_a_module_from_elsewhere_is_watched_too(
    watchers: list[Watcher], plan: Path, folder: Path
) -> None:
    (folder / "plans").mkdir()
    (folder / "shared").mkdir()
    module = folder / "shared" / "things.rbplan"
    module.write_text(MODULE)
    use = 'rbplan 1\nuse "../shared/things.rbplan" as things\n'
    (folder / "plans" / "shop.rbplan").write_text(PLAN.replace("rbplan 1\n", use))
    watcher = Watcher(folder, "plans/shop.rbplan")
    watchers.append(watcher)
    watcher.until("nothing to report in 1 file\n")
    time.sleep(1)  # it looks at the folders anew, now that it knows of the module
    module.write_text(MODULE.replace(": int", ": number"))
    assert "shared/things.rbplan:4:" in watcher.until("in 1 file\n")
    assert watcher.interrupt() == 130
    del plan


def test_a_folder_without_a_plan_for_a_while_is_waited_for(
    watchers: list[Watcher], plan: Path, folder: Path
) -> None:
    watcher = Watcher(folder, ".")
    watchers.append(watcher)
    watcher.until("nothing to report in 1 file\n")
    plan.unlink()
    watcher.until("shop.rbplan\n")
    plan.write_text(WRONG)
    watcher.until("1 error in 1 file\n")
    assert watcher.interrupt() == 130


def test_settings_are_seen_wherever_they_come_and_change(
    watchers: list[Watcher], plan: Path, folder: Path
) -> None:
    (folder / "rbc.toml").unlink()
    (folder / ".git").mkdir()
    (folder / "plans" / "deep").mkdir(parents=True)
    plan.rename(folder / "plans" / "deep" / "shop.rbplan")
    (folder / "plans" / "deep" / "shop.rbplan").write_text(WRONG)
    watcher = Watcher(folder, "plans/deep")
    watchers.append(watcher)
    watcher.until("1 error in 1 file\n")
    # Above what is watched, up to the root of the repository.
    (folder / "pyproject.toml").write_text('[tool.rbc]\nignore = ["RB304"]\n')
    assert " pyproject.toml\n" in watcher.until("nothing to report in 1 file\n")
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    watcher.until("1 error in 1 file\n")
    (folder / "plans" / "deep" / "rbc.toml").write_text('baseline = "b.json"\n')
    assert "there is no baseline `plans/deep/b.json`" in watcher.until("1 error in 1 file\n")
    (folder / "plans" / "deep" / "b.json").write_text('{"format": 1, "findings": []}')
    text = watcher.until("1 error in 1 file\n")
    assert " plans/deep/b.json\n" in text
    assert "[RB304]" in text
    (folder / "plans" / "rbc.toml").write_text("ignor = 1\n")
    assert "the configuration has no `ignor`" in watcher.until("1 error in 1 file\n")
    (folder / "plans" / "rbc.toml").unlink()
    assert "[RB304]" in watcher.until("1 error in 1 file\n")
    assert watcher.interrupt() == 130


def test_settings_that_the_command_line_names_are_seen(
    watchers: list[Watcher], plan: Path, folder: Path
) -> None:
    plan.write_text(WRONG)
    (folder / "ci").mkdir()
    (folder / "ci" / "own.toml").write_text("ignor = 1\n")
    watcher = Watcher(folder, plan.name, "--config", "ci/own.toml")
    watchers.append(watcher)
    assert "the configuration has no `ignor`" in watcher.until("1 error in 1 file\n")
    (folder / "ci" / "own.toml").write_text('ignore = ["RB304"]\n')
    assert " ci/own.toml\n" in watcher.until("nothing to report in 1 file\n")
    assert watcher.interrupt() == 130


def test_standard_input_can_not_be_watched(rbc: Rbc) -> None:
    done = rbc("check", "--watch", "-", stdin=PLAN)
    assert done.returncode == 2
    assert "--watch needs files" in done.stderr
