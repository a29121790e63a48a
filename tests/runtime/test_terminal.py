"""What the person at the terminal does to a run: nothing that it does not ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, command_line, plan, wait_for, wait_until

Compiled = Callable[[str], Scripts]
CHATTY = plan(
    """  phase one "One" { budget 30s
    step chatty "Chatty" { run `for ((i = 0; i < 3000; i++)); do echo "line $i of what nobody reads"; done` }
    step last "Last" { run `echo reached >last` }
  }"""
)


def ended(run: Path) -> bool:
    journal = run / "journal.jsonl"
    return journal.exists() and '"event":"run_end"' in journal.read_text()


def test_a_terminal_that_takes_nothing_does_not_hold_up_the_run(compiled: Compiled) -> None:
    scripts = compiled(CHATTY)
    with scripts.at_a_terminal("--run-dir", "run") as terminal:
        wait_until(lambda: ended(scripts.folder / "run"), "the run does not end")
        assert (scripts.folder / "last").read_text() == "reached\n"
        assert terminal.end() == 0
    said = terminal.seen
    first, last = said.index("PHASE One"), said.index("DONE in")
    assert first < said.index("line 0 of what nobody reads") < last


def test_all_that_is_said_is_shown_before_the_run_ends(compiled: Compiled) -> None:
    scripts = compiled(CHATTY.replace("i < 3000", "i < 20"))
    with scripts.at_a_terminal() as terminal:
        assert terminal.end() == 0
    said = terminal.seen
    shown = [line.split("│ ")[-1] for line in said.splitlines() if "of what nobody" in line]
    assert shown == [f"line {number} of what nobody reads" for number in range(20)]
    assert said.rstrip().splitlines()[-1].endswith(str(scripts.run_folder))


def test_who_shows_a_run_at_the_terminal_ends_with_it(compiled: Compiled) -> None:
    scripts = compiled(plan('  phase one "One" { budget 30s; step s "S" { run `sleep 20` } }'))
    with scripts.at_a_terminal("--run-dir", "run") as terminal:
        wait_for(scripts.folder / "run/log/one.s.log")
        assert len(readers(scripts.folder / "run/tmp/screen")) == 1
        terminal.process.kill()
        terminal.process.wait()
        wait_until(lambda: not readers(scripts.folder / "run/tmp/screen"), "who shows it lives on")


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
    with scripts.at_a_terminal(*arguments, env=env) as terminal:
        assert terminal.end() == 0
    said = terminal.seen
    assert ("\x1b[32m✓\x1b[0m S\r\n" in said) == coloured
    assert ("\x1b" in said) == coloured
    assert "\x1b" not in scripts.run().stdout


def test_a_secret_is_in_no_command_line_while_a_step_runs(compiled: Compiled) -> None:
    body = '  phase one "One" { budget 30s; step s "S" { run `touch here; echo "$TOKEN"; while ! test -e go; do sleep 0.05; done` } }'
    scripts = compiled(plan(body, header="  secret TOKEN"))
    with scripts.started(env={"TOKEN": "hunter2-and-more"}) as run:
        wait_for(scripts.folder / "here")
        lines = [command_line(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")]
        (scripts.folder / "go").touch()
        run.communicate(timeout=30)
    assert any(str(scripts.folder) in line for line in lines)
    assert not any("hunter2" in line for line in lines)


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
    shell = "set -m; ./rollback.sh --run-dir run & wait $!"
    with scripts.at_a_terminal(
        command=["setsid", "--ctty", "--wait", "bash", "-c", shell]
    ) as terminal:
        wait_for(scripts.folder / "run/gates/one.go.waiting")
        terminal.type("no")  # this is for the shell in the foreground
        approved = scripts.run("--approve", "go", "--as", "ann", "--run-dir", "run")
        assert approved.returncode == 0
        assert terminal.end() == 0
    assert "DONE" in terminal.seen
