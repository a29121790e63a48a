"""What the person at the terminal does to a run: nothing that it does not ask for."""

from __future__ import annotations

import os
import pty
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, is_running, plan

Compiled = Callable[[str], Scripts]
CHATTY = plan(
    """  phase one "One" { budget 30s
    step chatty "Chatty" { run `for ((i = 0; i < 3000; i++)); do echo "line $i of what nobody reads"; done` }
    step last "Last" { run `echo reached >last` }
  }"""
)


@contextmanager
def at_a_terminal(
    scripts: Scripts,
    *arguments: str,
    env: dict[str, str] | None = None,
    command: tuple[str, ...] = ("./rollback.sh",),
) -> Iterator[tuple[int, int]]:
    """A run at a terminal of its own: its process, and the end where a person would read."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(scripts.folder)
        os.execvpe(command[0], [*command, *arguments], scripts.environment(**(env or {})))
    try:
        yield pid, terminal
    finally:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(terminal)


def read_all(terminal: int) -> str:
    """What the terminal still shows until everybody has closed it."""
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except OSError:
        pass  # how Linux says that nobody has it open any more
    return said.decode().replace("\r\n", "\n")


def until(happened: Callable[[], bool], what: str) -> None:
    """Waits for something."""
    for _ in range(1200):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}")


def ended(run: Path) -> bool:
    journal = run / "journal.jsonl"
    return journal.exists() and '"event":"run_end"' in journal.read_text()


def test_a_terminal_that_takes_nothing_does_not_hold_up_the_run(compiled: Compiled) -> None:
    scripts = compiled(CHATTY)
    with at_a_terminal(scripts, "--run-dir", "run") as (pid, terminal):
        until(lambda: ended(scripts.folder / "run"), "the end of the run")
        assert (scripts.folder / "last").read_text() == "reached\n"
        said = read_all(terminal)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    first, last = said.index("PHASE One"), said.index("DONE in")
    assert first < said.index("line 0 of what nobody reads") < last


def test_all_that_is_said_is_shown_before_the_run_ends(compiled: Compiled) -> None:
    scripts = compiled(CHATTY.replace("i < 3000", "i < 20"))
    with at_a_terminal(scripts) as (pid, terminal):
        said = read_all(terminal)
        os.waitpid(pid, 0)
    shown = [line.split("│ ")[-1] for line in said.splitlines() if "of what nobody" in line]
    assert shown == [f"line {number} of what nobody reads" for number in range(20)]
    assert said.rstrip().splitlines()[-1].endswith(str(scripts.run_folder))


def test_who_shows_a_run_at_the_terminal_ends_with_it(compiled: Compiled) -> None:
    scripts = compiled(plan('  phase one "One" { budget 30s; step s "S" { run `sleep 20` } }'))
    with at_a_terminal(scripts, "--run-dir", "run") as (pid, _):
        until((scripts.folder / "run/log/one.s.log").exists, "the step")
        assert len(readers(scripts.folder / "run/tmp/screen")) == 1
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        until(lambda: readers(scripts.folder / "run/tmp/screen") == [], "the end of who shows it")


def readers(file: Path) -> list[Path]:
    """The processes that read a file as their input."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/fd/0"):
        try:
            if entry.readlink() == file:
                found.append(entry)
        except OSError:
            continue  # it has ended meanwhile
    return found


@pytest.mark.parametrize(
    ("arguments", "env", "coloured"),
    [((), {}, True), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False)],
)
def test_marks_are_coloured_at_a_terminal_unless_that_is_not_wanted(
    compiled: Compiled, arguments: tuple[str, ...], env: dict[str, str], *, coloured: bool
) -> None:
    scripts = compiled(plan('  phase one "One" { budget 30s; step s "S" { run `true` } }'))
    with at_a_terminal(scripts, *arguments, env=env) as (pid, terminal):
        said = read_all(terminal)
        os.waitpid(pid, 0)
    assert ("\x1b[32m✓\x1b[0m S\n" in said) == coloured
    assert ("\x1b" in said) == coloured
    assert "\x1b" not in scripts.run().stdout


def test_a_secret_is_in_no_command_line_while_a_step_runs(compiled: Compiled) -> None:
    body = '  phase one "One" { budget 30s; step s "S" { run `touch here; echo "$TOKEN"; while ! test -e go; do sleep 0.05; done` } }'
    scripts = compiled(plan(body, header="  secret TOKEN"))
    with scripts.started(env={"TOKEN": "hunter2-and-more"}) as run:
        until((scripts.folder / "here").exists, "the step")
        lines = [command_line(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")]
        (scripts.folder / "go").touch()
        run.communicate(timeout=30)
    assert any(str(scripts.folder) in line for line in lines)
    assert not any("hunter2" in line for line in lines)


def command_line(entry: Path) -> str:
    try:
        return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""  # it has ended meanwhile


def test_a_run_in_the_background_of_a_terminal_waits_for_its_gate_and_goes_on(
    compiled: Compiled,
) -> None:
    scripts = compiled(
        plan(
            """phase one "One" { budget 30s
            gate go "Go on?" { approvers "sre"; timeout 25s; otherwise abort }
            step s "S" { run `true` } }"""
        )
    )
    shell = ("bash", "-c", "set -m; ./rollback.sh --run-dir run & wait $!")
    with at_a_terminal(scripts, command=shell) as (pid, terminal):
        until((scripts.folder / "run/gates/one.go.waiting").exists, "the gate")
        os.write(terminal, b"no\n")  # this is for the shell in the foreground
        approved = scripts.run("--approve", "go", "--as", "ann", "--run-dir", "run")
        assert approved.returncode == 0
        assert "DONE" in read_all(terminal)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
