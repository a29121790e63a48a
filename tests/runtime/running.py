"""Compiles plan texts and runs the scripts for real, in a folder of their own."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rbdsl.backends.bash import emit
from tests.backends.compiling import request_whatever_is_found

JsonObject = dict[str, Any]


def plan(body: str, *, header: str = "") -> str:
    """A plan of level 2 around phases and whatever else."""
    return f'rbplan 1\nplan demo "Demo" {{\n  operation "op-1"\n  level 2\n{header}\n{body}\n}}\n'


def one_phase(steps: str, options: str = "budget 10s") -> str:
    """A plan with the one phase `work`."""
    return plan(f'  phase work "Work" {{\n    {options}\n{steps}\n  }}')


class Terminal:
    """What a person at the terminal of a run sees and types."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self.descriptor = descriptor
        self.process = process
        self.seen = ""

    def read(self) -> bool:
        """Reads on; whether there was anything. A run that says nothing for long is stuck."""
        assert select.select([self.descriptor], [], [], 120)[0], self.seen
        try:
            part = os.read(self.descriptor, 65536)
        except OSError:  # its last process has ended
            return False
        self.seen += part.decode("utf-8", "replace")
        return bool(part)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Waits until a text was shown so often."""
        while self.seen.count(text) < times:
            assert self.read(), self.seen

    def type(self, line: str) -> None:
        """Types a line."""
        os.write(self.descriptor, f"{line}\n".encode())

    def end(self) -> int:
        """Waits for the end of the run: its exit status."""
        while self.read():
            pass
        return self.process.wait(timeout=30)


class Scripts:
    """The four scripts of a plan in a folder, and what runs of them left there."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.bin = folder / "stubs"
        self.bin.mkdir(parents=True)
        request = request_whatever_is_found(text)
        assert request is not None, "the plan has errors of name or type"
        for file in emit(request):
            path = folder / file.path
            path.write_text(file.text, encoding="utf-8")
            path.chmod(0o755)

    def stub(self, name: str, body: str) -> None:
        """A command of that name on PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        """What a run sees of the world: little, so that a test means the same everywhere."""
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "USER": "tester",
            "RBC_GRACE": "0.5",
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def run(
        self,
        *arguments: str,
        role: str = "rollback",
        env: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Runs a script to its end."""
        return self.execute(str(self.folder / f"{role}.sh"), *arguments, env=env, stdin=stdin)

    def execute(
        self,
        *words: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Runs any command to its end, as somebody would who runs these scripts."""
        return subprocess.run(
            words,
            cwd=cwd or self.folder,
            env=self.environment(**(env or {})),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        )

    def elsewhere(self) -> Path:
        """Another folder to stand in."""
        folder = self.folder.parent / "elsewhere"
        folder.mkdir(exist_ok=True)
        return folder

    @contextmanager
    def started(
        self,
        *arguments: str,
        role: str = "rollback",
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Iterator[subprocess.Popen[str]]:
        """A run that is under way, with its two outputs in one pipe; killed where it stays."""
        with subprocess.Popen(
            [str(self.folder / f"{role}.sh"), *arguments],
            cwd=cwd or self.folder,
            env=self.environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, 9)

    @contextmanager
    def at_a_terminal(
        self,
        *arguments: str,
        early: str = "",
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> Iterator[Terminal]:
        """A run whose terminal is in the hands of the test; `early` is typed before it begins."""
        ours, theirs = pty.openpty()
        os.write(ours, early.encode())
        with subprocess.Popen(
            [*(command or [str(self.folder / "rollback.sh")]), *arguments],
            cwd=self.folder,
            env=self.environment(**(env or {})),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            try:
                yield Terminal(ours, process)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, 9)
                os.close(ours)

    @property
    def run_folder(self) -> Path:
        """The folder of the one run that there was."""
        (folder,) = (self.folder / ".rbc" / "runs").iterdir()
        return folder

    def journal(self) -> list[JsonObject]:
        """The journal of the one run, line by line."""
        text = (self.run_folder / "journal.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def events(self, *names: str) -> list[JsonObject]:
        """The lines of the journal about these events."""
        return [line for line in self.journal() if line["event"] in names]

    def outcomes(self) -> list[tuple[str, str, str]]:
        """What came of each piece: (step, kind, outcome), in order."""
        return [(e["step"], e["kind"], e["outcome"]) for e in self.events("step_outcome")]

    def document(self, name: str) -> JsonObject:
        """A JSON document that the one run left."""
        loaded: JsonObject = json.loads((self.run_folder / name).read_text(encoding="utf-8"))
        return loaded

    def left(self) -> list[str]:
        """The files in the folder beside the scripts and stubs."""
        known = {"rollback.sh", "capture.sh", "verify.sh", "monitor.sh", "stubs"}
        return sorted(p.name for p in self.folder.iterdir() if p.name not in known)


def is_running(pid: str | int) -> bool:
    """Whether a process is there and more than a dead entry that nobody has collected."""
    try:
        stat = Path(f"/proc/{str(pid).strip()}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_for(path: Path) -> None:
    """Waits until a file is there."""
    wait_until(path.exists, f"{path} does not appear")


def wait_until(happened: Callable[[], bool], otherwise: str) -> None:
    """Waits for something, and says what is wrong where it never comes."""
    for _ in range(1200):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError(otherwise)


def wait_for_gate(scripts: Scripts) -> None:
    """Waits until a run waits for a person."""
    waiting = ".rbc/runs/*/gates/*.waiting"
    wait_until(lambda: any(scripts.folder.glob(waiting)), "no gate waits")


def kill_tree(pid: int) -> None:
    """Ends a process with all that it has started, as a power cut would, and waits for their end."""
    tree = [pid]
    for one in tree:
        with suppress(ProcessLookupError, FileNotFoundError):  # a short command that has just ended
            os.kill(one, signal.SIGSTOP)  # so that it starts nothing more
            children = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="utf-8").split()
            tree += [int(child) for child in children]
    for one in tree:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    for one in tree:
        while is_running(one):
            time.sleep(0.01)


def command_line(entry: Path) -> str:
    """The command line of a process, by its file in /proc."""
    try:
        return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""  # it has ended meanwhile


def plainly() -> list[str]:
    """What a command stands behind to be refused what its user may not do, also where that is root."""
    refused = "--bounding-set=-dac_override,-dac_read_search"
    return ["setpriv", refused] if os.geteuid() == 0 else []
