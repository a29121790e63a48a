"""`rbc check` with its cache and its workers: the same findings, however they were come by."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rbdsl.cli.main import main
from rbdsl.project.shellcheck_program import ShellCheckError, locate
from tests.cli.conftest import MODULE, PLAN, Rbc
from tests.test_imports import loaded

WARNED = PLAN.replace("run back..proof }", "run back..proof; claims 7m }")
SHOUTING = PLAN.replace("--to-revision=41", "--to-revision=$HOME")
CACHE = ".rbc_cache"
NAP = """\
  phase nap "Nap" {
    after back; budget 1m
    step nap "Nap" things.wait(seconds: 1) { timeout 5s }
  }
  phase proof "Verification" { after nap;"""


def napping(text: str, module: str) -> str:
    """A plan that calls a step of a module."""
    text = text.replace("rbplan 1\n", f'rbplan 1\nuse "{module}" as things\n')
    return text.replace('  phase proof "Verification" { after back;', NAP)


def entries(folder: Path) -> list[Path]:
    """The entries that hold findings; the others hold what ShellCheck said of pieces."""
    files = [path for path in (folder / CACHE).glob("??/*") if path.is_file()]
    return sorted(path for path in files if b'"answers"' not in path.read_bytes()[:80])


@pytest.mark.parametrize("text", [PLAN, WARNED, SHOUTING, PLAN.replace("after back", "after bakc")])
@pytest.mark.parametrize("options", [(), ("--output-format", "json"), ("--strict",)])
def test_the_second_time_says_the_same(
    rbc: Rbc, plan: Path, folder: Path, text: str, options: tuple[str, ...]
) -> None:
    plan.write_text(text)
    fresh = rbc("check", ".", "--no-cache", *options)
    assert not (folder / CACHE).exists()
    first, second = rbc("check", ".", *options), rbc("check", ".", *options)
    assert len(entries(folder)) == 1
    for done in (first, second):
        assert (done.stdout, done.stderr, done.returncode) == (
            fresh.stdout,
            fresh.stderr,
            fresh.returncode,
        )


def test_the_second_time_nothing_is_looked_at(rbc: Rbc, plan: Path, folder: Path) -> None:
    """The entry is taken at its word: seen by changing what it says."""
    plan.write_text(WARNED)
    rbc("check", ".")
    (path,) = entries(folder)
    entry = json.loads(path.read_bytes()[64:])
    entry["found"] = []
    from hashlib import sha256

    body = json.dumps(entry).encode()
    path.write_bytes(sha256(body).hexdigest().encode() + body)
    assert rbc("check", ".").stdout == "nothing to report in 1 file\n"
    assert "1 warning" in rbc("check", ".", "--no-cache").stdout


def test_what_has_not_changed_loads_no_compiler(
    folder: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    loaded("check", plan.name)
    names = loaded("check", plan.name)
    rooms = ("rbdsl.syntax.parser", "rbdsl.model", "rbdsl.rules.registry", "rbdsl.compiler")
    heavy = (*rooms, "rbdsl.analysis.policy", "rbdsl.analysis.analyse", "lark", "tree_sitter")
    assert [name for name in names if name.startswith(heavy)] == []


def test_a_changed_plan_is_looked_at(rbc: Rbc, plan: Path) -> None:
    rbc("check", ".")
    plan.write_text(WARNED)
    assert "1 warning" in rbc("check", ".").stdout


def test_a_changed_module_is_looked_at_with_what_uses_it(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    (folder / "shared").mkdir()
    module = folder / "shared" / "things.rbplan"
    module.write_text(MODULE)
    plan.write_text(napping(PLAN, "shared/things.rbplan"))
    assert "nothing to report" in rbc("check", plan.name).stdout
    assert "nothing to report" in rbc("check", plan.name).stdout
    module.write_text(MODULE.replace('"$seconds"', '"$minutes"'))
    assert "nothing sets `$minutes`" in rbc("check", plan.name).stdout
    module.unlink()
    assert "there is no module" in rbc("check", plan.name).stdout
    module.write_text(MODULE)
    assert "nothing to report" in rbc("check", plan.name).stdout


def test_a_module_that_was_missing_is_looked_for_again(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "things.rbplan" as things\n'))
    assert "there is no module" in rbc("check", plan.name).stdout
    (folder / "things.rbplan").write_text(MODULE)
    assert "there is no module" not in rbc("check", plan.name).stdout


def test_a_module_that_leaves_the_project_when_the_project_shrinks(rbc: Rbc, folder: Path) -> None:
    inside = folder / "plans"
    inside.mkdir()
    (folder / "things.rbplan").write_text(MODULE)
    text = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "../things.rbplan" as things\n')
    (inside / "a.rbplan").write_text(text)
    assert "leads out" not in rbc("check", "plans").stdout
    (inside / "rbc.toml").touch()
    assert "leads out of the project" in rbc("check", "plans").stdout


@pytest.mark.usefixtures("plan")
def test_time_passes(rbc: Rbc, folder: Path) -> None:
    """Evidence of 8 December is from the future until then, and for ever after it is not."""

    def at(date: int) -> str:
        return rbc("check", ".", environment={"SOURCE_DATE_EPOCH": str(date)}).stdout

    tenth_of_december = 1765324800
    for _ in range(2):
        assert "still to come" in at(tenth_of_december - 5 * 86_400)
        assert "still to come" in at(tenth_of_december - 3 * 86_400)
        assert "nothing to report" in at(tenth_of_december)
        assert "nothing to report" in at(tenth_of_december + 400 * 86_400)
    assert len(entries(folder)) == 1


@pytest.mark.usefixtures("plan")
def test_another_policy_is_another_question(rbc: Rbc, folder: Path) -> None:
    levels = (Path(__file__).parents[2] / "stdlib" / "levels.toml").read_text()
    policy = folder / "own.toml"
    policy.write_text(levels)
    assert "nothing to report" in rbc("check", ".", "--policy", policy).stdout
    assert "nothing to report" in rbc("check", ".").stdout
    policy.write_text(levels.replace('"30m"', '"4m"').replace('"20m"', '"4m"'))
    assert rbc("check", ".", "--policy", policy).returncode == 1
    assert rbc("check", ".").returncode == 0


def test_a_damaged_cache_is_mended(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(WARNED)
    said = rbc("check", ".").stdout
    (path,) = entries(folder)
    whole = path.read_bytes()
    for damaged in (b"", whole[:100], whole + b"x", os.urandom(len(whole))):
        path.write_bytes(damaged)
        done = rbc("check", ".")
        assert (done.stdout, done.stderr) == (said, "")
        assert path.read_bytes() == whole


def test_an_entry_that_makes_no_sense_is_ignored(rbc: Rbc, plan: Path, folder: Path) -> None:
    from hashlib import sha256

    plan.write_text(WARNED)
    said = rbc("check", ".").stdout
    (path,) = entries(folder)
    good = json.loads(path.read_bytes()[64:])
    for key, value in [
        ("found", [["RB304"]]),
        ("inputs", None),
        ("found", {"a": 1}),
        ("until", "x"),
    ]:
        body = json.dumps({**good, key: value}).encode()
        path.write_bytes(sha256(body).hexdigest().encode() + body)
        assert rbc("check", ".").stdout == said


@pytest.mark.usefixtures("plan")
def test_a_cache_that_can_not_be_written_is_one_line(rbc: Rbc, folder: Path) -> None:
    (folder / CACHE).write_text("in the way")
    done = rbc("check", ".")
    assert done.returncode == 0
    assert done.stdout == "nothing to report in 1 file\n"
    assert done.stderr == f"rbc: nothing is kept in {folder.resolve() / CACHE}: file exists\n"


@pytest.mark.usefixtures("plan")
def test_clean(rbc: Rbc, folder: Path) -> None:
    assert rbc("clean").stdout == "nothing is kept\n"
    rbc("check", ".")
    assert rbc("clean").stdout == f"2 entries removed from {folder.resolve() / CACHE}\n"
    assert entries(folder) == []
    assert rbc("check", ".").stdout == "nothing to report in 1 file\n"


@pytest.mark.usefixtures("plan")
def test_many_plans_are_checked_by_workers_with_the_same_findings(rbc: Rbc, folder: Path) -> None:
    """In their order, each once; also those of shared modules and of files that can't be read."""
    (folder / "things.rbplan").write_text(MODULE.replace('"$seconds"', "$HOME"))
    for number in range(60):
        text = (PLAN, WARNED, SHOUTING)[number % 3].replace("plan shop", f"plan shop{number}")
        (folder / f"{number:02}.rbplan").write_text(napping(text, "things.rbplan"))
    (folder / "05.rbplan").write_bytes(b"\0")
    first = rbc("check", ".", "--no-cache")
    assert first.returncode == 2
    assert first.stdout.count("--> things.rbplan:4:") == 1
    assert "in 62 files" in first.stdout
    placed = [line for line in first.stdout.splitlines() if "-->" in line and "things" not in line]
    names = [line.split("-->")[1].split(":")[0].strip() for line in placed]
    assert names == sorted(names)
    assert len(set(names)) == 20
    for _ in range(3):
        assert rbc("check", ".").stdout == first.stdout
    # One plan that changes among many that do not.
    (folder / "05.rbplan").write_text(PLAN)
    assert rbc("check", ".").stdout == rbc("check", ".", "--no-cache").stdout


def test_a_hundred_runs_at_once(plan: Path, folder: Path) -> None:
    """All say the same, while entries appear, are damaged and are removed."""
    plan.write_text(WARNED)
    command = [sys.executable, "-m", "rbdsl.cli.main", "check", "."]
    environment = {**os.environ, "COLUMNS": "", "NO_COLOR": "1"}
    running: list[subprocess.Popen[str]] = []
    said: list[tuple[str, str, int]] = []

    def gather(most: int) -> None:
        while len(running) > most:
            process = running.pop(0)
            output, errors = process.communicate(timeout=120)
            said.append((output, errors, process.returncode))

    for number in range(100):
        running.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        if number % 10 == 9:
            for path in entries(folder):
                path.write_bytes(path.read_bytes()[:-1])
        if number % 25 == 24:
            subprocess.run([*command[:-2], "clean"], cwd=folder, check=True, capture_output=True)
        gather(24)
    gather(0)
    assert len(said) == 100
    assert len(set(said)) == 1, set(said)
    assert "1 warning in 1 file" in said[0][0]
    assert not list((folder / CACHE).rglob("*.tmp"))


@pytest.mark.parametrize("command", ["check", "compile"])
def test_without_shellcheck_it_is_an_internal_error(
    plan: Path,
    folder: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def none() -> str:
        raise ShellCheckError("there is no ShellCheck")

    monkeypatch.chdir(folder)
    monkeypatch.setattr("rbdsl.project.shellcheck.locate", none)
    with pytest.raises(SystemExit) as end:
        main([command, plan.name])
    assert end.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "internal error: there is no ShellCheck" in output.err
    assert not (folder / "build").exists()
    assert entries(folder) == []


def test_where_one_step_changes_shellcheck_looks_at_that_step_alone(
    plan: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = folder / "asked"
    stand_in = folder / "shellcheck"
    stand_in.write_text(
        f'#!/bin/sh\ncat .rbc-piece-* >>{asked}\nexec {locate()} "$@"\n', encoding="utf-8"
    )
    stand_in.chmod(0o700)
    monkeypatch.chdir(folder)
    monkeypatch.setattr("rbdsl.project.shellcheck.locate", lambda: str(stand_in))

    def check(text: str) -> tuple[str, list[str]]:
        """The findings, and the commands that ShellCheck was asked about."""
        plan.write_text(text)
        asked.write_text("")
        with pytest.raises(SystemExit):
            main(["check", plan.name])
        lines = asked.read_text().splitlines()
        return capsys.readouterr().out, [line for line in lines if not line.startswith("#!")]

    _, first = check(PLAN)
    assert len(first) == 4
    said, second = check(SHOUTING)
    assert "SC2086" in said
    assert [line.split("=")[-1] for line in second] == ["$HOME"]
    again, third = check("# moved by a line\n" + SHOUTING)
    assert third == []
    assert again.count("SC2086") == said.count("SC2086")


def test_compile_and_standard_input_hear_of_it_too(rbc: Rbc, plan: Path) -> None:
    plan.write_text(SHOUTING)
    done = rbc("compile", plan.name)
    assert done.returncode == 0
    assert "info[SC2086]" in done.stderr
    assert "info[SC2086]" in rbc("check", "-", stdin=SHOUTING).stdout
    plan.write_text(PLAN.replace("run `kubectl", "run `for f in $(ls); do :; done; kubectl"))
    assert "error[SC2045]" in rbc("compile", plan.name).stderr
    assert rbc("compile", plan.name).returncode == 1


def test_the_wiki_is_named(rbc: Rbc, plan: Path) -> None:
    plan.write_text(SHOUTING)
    assert "= https://www.shellcheck.net/wiki/SC2086\n" in rbc("check", ".").stdout
    assert rbc("explain", "sc2086").stdout.endswith(": https://www.shellcheck.net/wiki/SC2086\n")


@pytest.mark.parametrize("closed", [CACHE, f"{CACHE}/ab"])
def test_a_cache_that_can_not_be_read_is_not_called_empty(
    rbc: Rbc, folder: Path, closed: str
) -> None:
    (folder / CACHE / "ab").mkdir(parents=True)
    (folder / CACHE / "ab" / "cd").write_text("x")
    (folder / closed).chmod(0)
    done = rbc("clean", powerless=True)
    (folder / closed).chmod(0o755)
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: cannot remove '{folder.resolve() / closed}': permission denied\n"
    )


def test_a_cache_that_is_a_link_is_not_followed(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(WARNED)
    target = folder / "elsewhere"
    target.mkdir()
    (target / "mine.txt").write_text("x")
    (folder / CACHE).symlink_to("elsewhere")
    for _ in range(2):
        done = rbc("check", ".")
        assert "[RB304]" in done.stdout
        assert done.stderr == (
            f"rbc: nothing is kept in {folder.resolve() / CACHE}: "
            "it is a symbolic link, and is not followed\n"
        )
    done = rbc("clean")
    assert done.returncode == 2
    assert "it is a symbolic link, and is not followed" in done.stderr
    assert [path.name for path in target.iterdir()] == ["mine.txt"]
