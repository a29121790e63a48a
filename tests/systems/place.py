"""A place where the scripts of a whole plan run against real systems."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.runtime.running import JsonObject, Scripts

PLANS = Path(__file__).with_name("plans")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Place(Scripts):
    """The four scripts of a plan in a folder, with the environment that finds the systems."""

    def __init__(
        self,
        folder: Path,
        plan: Path,
        environment: Mapping[str, str],
        replaced: Mapping[str, str] | None = None,
    ) -> None:
        text = plan.read_text(encoding="utf-8")
        for before, after in (replaced or {}).items():
            assert before in text, f"{plan.name} does not say {before}"
            text = text.replace(before, after)
        self.systems = dict(environment)
        super().__init__(folder, text)

    def environment(self, **more: str) -> dict[str, str]:
        # What is stopped has the time to take its leave that it has where nothing says otherwise.
        return super().environment(**{"RBC_GRACE": "5", **self.systems, **more})

    def wrap(self, name: str, before: str = ":", after: str = ":") -> None:
        """Lets a real command do something more: before it runs, or after it has succeeded."""
        self.stub(
            name,
            f'shopt -s nullglob\nmkdir -p "$HOME/calls"\nprintf "%s\\n" "$*" >>"$HOME/calls/{name}"\n'
            f'real="$(PATH="${{PATH#*:}}" type -P {name})"\n'
            f'{before}\n"$real" "$@" || exit\n{after}',
        )

    def calls(self, name: str) -> list[str]:
        """How a wrapped command was called, in order."""
        path = self.folder / "calls" / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def succeed(self, *arguments: str, role: str = "rollback") -> str:
        """Runs a script that has to succeed; what it printed."""
        done = self.run(*arguments, role=role)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def fail(self, status: int, *arguments: str, role: str = "rollback") -> str:
        """Runs a script that has to end with a status; all that it said."""
        done = self.run(*arguments, role=role)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def failure(self) -> JsonObject:
        """What failed, as the run's own document tells."""
        failure: JsonObject = self.document("failure.json")["rollback_failure"]
        return failure


def tree_of(pid: int) -> list[int]:
    """A process and all that it started."""
    tree = [pid]
    for one in tree:
        with suppress(OSError):
            children = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="utf-8")
            tree += [int(child) for child in children.split()]
    return tree


def kill_all(run: subprocess.Popen[str]) -> None:
    """Ends a run and all it started as a power cut does."""
    for pid in tree_of(run.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    run.wait(timeout=20)


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Waits until something holds that has to hold some time; there is no hurry."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")
