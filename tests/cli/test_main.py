"""The command as a whole: help, exit codes, what never happens to users."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rbdsl import __version__
from tests.cli.conftest import PLAN, Rbc

COMMANDS = ("check", "compile", "explain", "graph", "rules", "schema")


def test_version(rbc: Rbc) -> None:
    assert rbc("--version").stdout == f"rbc, version {__version__}\n"


def test_help_lists_every_command_with_what_it_does(rbc: Rbc) -> None:
    text = rbc("--help").stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z].*\.$", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_examples(rbc: Rbc, name: str) -> None:
    done = rbc(name, "--help")
    assert done.returncode == 0
    assert f"  rbc {name}" in done.stdout.split("Examples:")[1]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_examples_of_the_help_are_true(rbc: Rbc, plan: Path, folder: Path) -> None:
    """Each one that names a plan is run on one, without what follows a pipe or `>`."""
    (folder / "plans").mkdir()
    (folder / "plans" / "other.rbplan").write_text(PLAN.replace("plan shop", "plan other"))
    plan.rename(folder / "api.rbplan")
    for name in COMMANDS:
        lines = rbc(name, "--help").stdout.split("Examples:")[1].splitlines()
        for line in filter(None, map(str.strip, lines)):
            command = re.split(r" {2,}| [|>] ", line)[0].split()
            if command[0] != "rbc" or "database_only" in command or "--check" in command:
                continue
            arguments = [word.strip("'") for word in command[1:]]
            if "examples/**/*.rbplan" in arguments:
                arguments.remove("examples/**/*.rbplan")
            if "--target" in arguments and "bash" in arguments:
                arguments[arguments.index("bash")] = "markdown"
            done = rbc(*arguments)
            assert done.returncode == 0, (line, done.stderr, done.stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek"], "Did you mean"),
        (["check", "--strictt", "x"], "Did you mean '--strict'?"),
        (["check"], "Missing argument 'PLAN...'"),
        (["check", "x*.rbplan"], "no plan matches 'x*.rbplan'"),
        (["check", "."], "there is no *.rbplan file in '.'"),
        (["check", "x.rbplan", "--stdin-filename", "y"], "--stdin-filename needs `-`"),
        (["explain", "RB9999"], "there is no rule 'RB9999'"),
        (["explain", "RB503"], "there is no rule 'RB503'; `rbc rules` lists them all"),
        (["check", ""], "the path is empty"),
        (["compile", ""], "the path is empty"),
        (["graph", ""], "the path is empty"),
        (["compile", "x.rbplan", "--out", ""], "the path is empty"),
        (["check", "x.rbplan", "--policy", ""], "the path is empty"),
        (["explain", "sla-exceded"], "did you mean `sla-exceeded`?"),
        (["schema", "auto-rolback"], "did you mean `auto-rollback`?"),
        (["compile", "x.rbplan", "--target", "jsn"], "did you mean `json`?"),
        (["compile", "x.rbplan", "--target", "./none"], "cannot read `none/target.toml`"),
        (
            ["check", "-dash.rbplan"],
            "The file of that name is './-dash.rbplan', or stands behind '--'.",
        ),
        (["check", "--diff", "--output-format", "json", "x"], "leave --output-format json out"),
        (["check", "--diff", "--statistics", "x"], "--diff shows a difference and no report"),
        (["check", "--diff", "--output-file", "y", "x"], "leave --output-file out"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_meant(
    rbc: Rbc, arguments: list[str], words: str
) -> None:
    done = rbc(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_a_bug_is_owned_up_to_without_a_traceback(rbc: Rbc, plan: Path, folder: Path) -> None:
    # A broken installation: the shipped level policies are not there.
    breaking = folder / "sitecustomize.py"
    breaking.write_text(
        "import rbdsl.resources\n"
        "def missing(name): raise FileNotFoundError(f'no folder {name}')\n"
        "rbdsl.resources.data_folder = missing\n"
    )
    path = {"PYTHONPATH": f"{folder}{os.pathsep}{Path.cwd()}"}
    done = rbc("check", plan, environment=path)
    assert done.returncode == 2
    assert "rbc: internal error: FileNotFoundError: no folder" in done.stderr
    assert "Please report it" in done.stderr
    assert "Traceback" not in done.stderr
    told = rbc("check", plan, environment={**path, "RBC_TRACEBACK": "1"})
    assert told.returncode == 2
    assert "Traceback" in told.stderr


@pytest.mark.parametrize("arguments", ["check shop.rbplan missing.rbplan", "--help", "rules"])
def test_a_reader_that_goes_away_is_no_error(plan: Path, arguments: str) -> None:
    rbc = f'"{sys.executable}" -m rbdsl.cli.main {arguments}'
    done = subprocess.run(
        ["bash", "-c", rbc + ' | exec 0<&-; echo "${PIPESTATUS[0]}"'],
        cwd=plan.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("rules >&-", "rbc: standard output is closed, and there is something to write"),
        ("check shop.rbplan >&-", "rbc: standard output is closed"),
        ("rules >/dev/full", "rbc: cannot write to standard output: no space left on device"),
        ("check shop.rbplan >/dev/full", "rbc: cannot write to standard output: no space"),
        ("--help >/dev/full", "rbc: cannot write to standard output: no space left on device"),
        ("check - <&-", "standard input is closed, and `-` is to be read from it"),
        ("check - 0>x", "the file cannot be read"),
        ("check none.rbplan 2>/dev/full", "there is no such file"),
        ("check none.rbplan 2>&-", "there is no such file"),
        ("chek 2>/dev/full", ""),
        ("chek 2>&-", ""),
    ],
)
def test_a_stream_that_is_closed_or_full_is_said_in_one_line(
    plan: Path, call: str, words: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m rbdsl.cli.main {call}'],
        cwd=plan.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert words in said
    assert "Traceback" not in said
    assert "bug" not in said
    assert "Exception ignored" not in said


@pytest.mark.parametrize(
    "call",
    ["check ../shop.rbplan", "check .", "clean", "compile ../shop.rbplan", "config", "diff HEAD"],
)
def test_in_a_folder_that_was_removed_it_says_so(plan: Path, call: str) -> None:
    command = f'mkdir gone; cd gone; rmdir ../gone; "{sys.executable}" -m rbdsl.cli.main {call}'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=plan.parent,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "the current folder can't be told" in done.stderr
    assert "has it been removed?" in done.stderr
    assert "standard output" not in done.stderr


def test_ctrl_c_exits_130_and_says_so(plan: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rbdsl.cli.main", "check", "-", "--stdin-filename", str(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # It waits for its input; the lock on reading shows in /proc that it has come so far.
        deadline = time.monotonic() + 30
        while "pipe" not in Path(f"/proc/{process.pid}/wchan").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.strip() == "interrupted"


def in_terminal(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a terminal gets to see."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(environment)
        os.execv(sys.executable, [sys.executable, "-m", "rbdsl.cli.main", *arguments])
    seen = b""
    while select.select([terminal], [], [], 30)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    os.close(terminal)
    os.waitpid(pid, 0)
    return seen.decode()


@pytest.mark.parametrize(
    ("environment", "option", "colored"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({}, ["--color", "never"], False),
        ({"TERM": "dumb"}, [], False),
    ],
)
def test_colours_on_a_terminal(
    folder: Path, environment: dict[str, str], option: list[str], colored: bool
) -> None:
    (folder / "bad.rbplan").write_text("rbplan 1\nplan x\n")
    clean = {"TERM": "xterm", "NO_COLOR": "", "FORCE_COLOR": "", "COLUMNS": "80"}
    seen = in_terminal(["check", "bad.rbplan", *option], folder, clean | environment)
    assert "error[RB1" in re.sub(r"\x1b\[[\d;]*m", "", seen)
    assert ("\x1b[" in seen) is colored


@pytest.mark.parametrize(
    ("environment", "option", "colored"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({}, ["--color", "always"], True),
    ],
)
def test_colours_in_a_pipe(
    rbc: Rbc, folder: Path, environment: dict[str, str], option: list[str], colored: bool
) -> None:
    (folder / "bad.rbplan").write_text("rbplan 1\nplan x\n")
    done = rbc("check", "bad.rbplan", *option, environment=environment)
    assert ("\x1b[" in done.stdout) is colored


def test_columns_set_the_width_of_a_pipe(rbc: Rbc, folder: Path) -> None:
    (folder / "bad.rbplan").write_text('rbplan 1\nplan x "X" { level 2; nonsense }\n')
    narrow = rbc("check", "bad.rbplan", environment={"COLUMNS": "50"}).stdout
    assert max(map(len, narrow.splitlines())) <= 50
    assert max(map(len, rbc("check", "bad.rbplan").stdout.splitlines())) > 100


def test_a_locale_without_the_characters_does_not_stop_it(rbc: Rbc, folder: Path) -> None:
    (folder / "bad.rbplan").write_text("rbplan 1\nplan é→ “x”\n")
    done = rbc("check", "bad.rbplan", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "\\xe9" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_knows_commands_and_options(rbc: Rbc, shell: str) -> None:
    script = rbc(environment={"_RBC_COMPLETE": f"{shell}_source"}).stdout
    assert "_RBC_COMPLETE" in script
    if shell == "bash":
        words = {"_RBC_COMPLETE": "bash_complete", "COMP_WORDS": "rbc com", "COMP_CWORD": "1"}
        assert rbc(environment=words).stdout == "plain,compile\n"
        words |= {"COMP_WORDS": "rbc check --st", "COMP_CWORD": "2"}
        assert set(rbc(environment=words).stdout.split()) == {
            "plain,--strict",
            "plain,--stdin-filename",
            "plain,--statistics",
        }


def test_json_of_all_commands_is_json(rbc: Rbc, plan: Path) -> None:
    assert json.loads(rbc("check", plan, "--output-format", "json").stdout) == []
    assert json.loads(rbc("compile", plan, "--output-format", "json").stdout) == []
    rules = json.loads(rbc("rules", "--output-format", "json").stdout)
    assert {"RB301", "RB304"} <= {rule["code"] for rule in rules}
    assert set(rules[0]) == {"code", "name", "severity", "family", "summary"}


@pytest.mark.parametrize("command", ["check", "certify", "compile", "config", "diff", "graph"])
def test_the_format_goes_by_one_name_in_help_and_by_two_in_use(
    rbc: Rbc, plan: Path, folder: Path, command: str
) -> None:
    shown = rbc(command, "--help").stdout
    assert "--output-format" in shown
    assert " --format" not in shown
    (folder / "old.rbplan").write_text(PLAN)
    arguments = [plan.name] if command != "diff" else ["old.rbplan", plan.name]
    named = "dot" if command == "graph" else "json"
    told = [rbc(command, *arguments, name, named) for name in ("--output-format", "--format")]
    assert told[0].stdout == told[1].stdout != ""
    assert (
        "Invalid value for '--output-format':" in rbc(command, *arguments, "--format", "x").stderr
    )
