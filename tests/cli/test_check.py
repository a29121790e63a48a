"""`rbc check` from outside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import MODULE, PLAN, Rbc


def test_nothing_to_report(rbc: Rbc, plan: Path) -> None:
    done = rbc("check", plan.name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing to report in 1 file\n", "")


def test_findings_with_source_and_marks(rbc: Rbc, plan: Path, snapshot: SnapshotAssertion) -> None:
    plan.write_text(PLAN.replace("after back", "after bakc").replace("budget 4m", "bugdet 4m"))
    done = rbc("check", plan.name)
    assert done.returncode == 1
    assert done.stdout == snapshot


def test_warnings_count_with_strict_only(rbc: Rbc, plan: Path) -> None:
    plan.write_text(PLAN.replace("run back..proof }", "run back..proof; claims 7m }"))
    assert "1 warning in 1 file" in rbc("check", plan).stdout
    assert rbc("check", plan).returncode == 0
    assert rbc("check", plan, "--strict").returncode == 1


def test_json(rbc: Rbc, plan: Path) -> None:
    plan.write_text(PLAN.replace("run back..proof }", "run back..proof; claims 3m }"))
    done = rbc("check", plan.name, "--output-format", "json")
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)
    line = next(i for i, text in enumerate(plan.read_text().splitlines(), 1) if "claims" in text)
    column = plan.read_text().splitlines()[line - 1].index("3m") + 1
    assert found["code"] == "RB304"
    assert found["name"] == "claimed-time-differs"
    assert found["severity"] == "error"
    assert found["path"] == plan.name
    assert found["range"] == {
        "start": {"line": line, "column": column},
        "end": {"line": line, "column": column + 2},
    }
    assert found["hint"] == "write `claims 6m`"


def test_standard_input(rbc: Rbc, folder: Path) -> None:
    done = rbc("check", "-", "--stdin-filename", "plans/x.rbplan", stdin="rbplan 1\nplan x\n")
    assert done.returncode == 1
    assert " --> plans/x.rbplan:" in done.stdout
    (folder / "shared").mkdir()
    (folder / "shared" / "things.rbplan").write_text(MODULE)
    text = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "../shared/things.rbplan" as things\n')
    done = rbc("check", "-", "--stdin-filename", "plans/x.rbplan", stdin=text)
    assert done.returncode == 0, done.stdout


def test_standard_input_without_a_name(rbc: Rbc) -> None:
    assert " --> <stdin>:" in rbc("check", "-", stdin="rbplan 1\nplan x\n").stdout


def test_folders_patterns_and_modules(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "things.rbplan").write_text(MODULE)
    assert rbc("check", ".").stdout == "nothing to report in 2 files\n"
    assert rbc("check", "**/*.rbplan", plan).stdout == "nothing to report in 2 files\n"
    (folder / "sub" / "things.rbplan").write_text(MODULE.replace(": int", ": number"))
    assert "sub/things.rbplan:4:" in rbc("check", ".").stdout


def test_an_error_in_a_module_is_shown_once(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "things.rbplan").write_text(MODULE.replace(": int", ": number"))
    text = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "things.rbplan" as things\n')
    plan.write_text(text)
    (folder / "other.rbplan").write_text(text.replace("plan shop", "plan other"))
    output = rbc("check", ".").stdout
    assert output.count("--> things.rbplan:4:") == 1


def test_the_findings_in_a_module_come_in_its_order(rbc: Rbc, folder: Path) -> None:
    (folder / "things.rbplan").write_text(
        'rbplan 1\nmodule "Things"\n'
        'step one() "One" { run `curl -sS https://x.example/1` }; '
        'step two() "Two" { run `curl -sS https://x.example/2` }\n'
    )
    for name, step in (("a", "two"), ("b", "one")):
        text = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "things.rbplan" as things\n')
        text = text.replace("plan shop", f"plan {name}").replace(
            "budget 1m\n", f'budget 1m\n    step more "More" things.{step}()\n'
        )
        (folder / f"{name}.rbplan").write_text(text)
    found = json.loads(rbc("check", ".", "--output-format", "json").stdout)
    columns = [f["range"]["start"]["column"] for f in found if f["path"] == "things.rbplan"]
    assert len(set(columns)) >= 2
    assert columns == sorted(columns)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"rbplan 1\nplan \0", "the file is binary: a NUL at byte 14"),
        (b"rbplan 1\nplan caf\xe9", "the file is not valid UTF-8: byte 0xe9 at offset 17"),
    ],
)
def test_unreadable_content_exits_2(rbc: Rbc, folder: Path, content: bytes, words: str) -> None:
    (folder / "bad.rbplan").write_bytes(content)
    for done in (rbc("check", "bad.rbplan"), rbc("check", "-", stdin=content)):
        assert done.returncode == 2
        assert f"error[RB100]: {words}" in done.stdout
        assert "Traceback" not in done.stderr


def test_what_is_no_file_exits_2(rbc: Rbc, folder: Path) -> None:
    os.mkfifo(folder / "pipe.rbplan")
    with (folder / "huge.rbplan").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    for name, words in (
        ("missing.rbplan", "there is no such file"),
        ("pipe.rbplan", "this is a named pipe"),
        ("huge.rbplan", "the file is too large: 100 MB"),
        ("/dev/zero", "this is a device"),
    ):
        done = rbc("check", name)
        assert done.returncode == 2
        assert words in done.stdout


def test_100_mb_from_standard_input_are_not_waited_for(rbc: Rbc) -> None:
    done = rbc("check", "-", stdin=b"# x\n" * (25 * 1024 * 1024))
    assert done.returncode == 2
    assert "too large" in done.stdout


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rbplan 1\n" + "{" * 100_000, 2),
        ("rbplan 1\n" + "plan p " + "{ phase a " * 50_000, 2),
        ("rbplan 1\nplan p { let x = " + "[" * 100_000, 2),
        ("rbplan 1\nplan p { let x = " + "(" * 50_000 + ")" * 50_000 + " }", 2),
        ("rbplan 1\n" + "}" * 100_000, 1),
        ("rbplan 1\n" + "`" * 100_000, 1),
        ("rbplan 1\n" + '"' * 99_999, 1),
        ("rbplan 1\n" + "plan p {\n" + "  nonsense\n" * 100_000 + "}\n", 1),
    ],
    ids=["blocks", "phases", "lists", "parentheses", "ends", "backticks", "quotes", "mistakes"],
)
def test_deep_and_long_nonsense_is_answered(rbc: Rbc, folder: Path, text: str, code: int) -> None:
    (folder / "deep.rbplan").write_text(text)
    done = rbc("check", "deep.rbplan")
    assert done.returncode == code
    assert "error[RB1" in done.stdout
    assert done.stderr == ""


def test_a_plan_does_not_drive_the_terminal(rbc: Rbc, plan: Path) -> None:
    text = PLAN.replace('"In a hurry"', '"\x1b]0;x\x07"').replace("run back..", "run \x1b[2J..")
    plan.write_text(text)
    done = rbc("check", plan)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "␛[2J" in done.stdout


def test_the_levels_of_an_organisation(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "levels.toml").write_text('format = 1\n[level.2]\ntitle = "Ours"\nsla = "5m"\n')
    done = rbc("check", plan, "--policy", "levels.toml")
    assert done.returncode == 1
    assert "error[RB301]" in done.stdout
    (folder / "levels.toml").write_text('format = 1\n[level.2]\ntitle = "Ours"\nsla = "30m"\n')
    assert rbc("compile", plan, "--policy", "levels.toml").returncode == 0
    page = (folder / "build/shop/PLAN.md").read_text()
    assert "- **Breach consequences**: none stated\n" in page
    (folder / "levels.toml").write_text("format = 1\n[level.2]\nsla = 5\n")
    done = rbc("check", plan, "--policy", "levels.toml")
    assert done.returncode == 2
    assert "error[RB299]" in done.stdout
    done = rbc("check", plan, "--policy", "none.toml")
    assert done.returncode == 2
    assert "there is no such file" in done.stdout


def test_source_date_epoch_is_the_time_that_evidence_is_judged_at(rbc: Rbc, plan: Path) -> None:
    before = rbc("check", plan, environment={"SOURCE_DATE_EPOCH": "1700000000"})
    assert "error" in before.stdout or "warning" in before.stdout
    assert rbc("check", plan, environment={"SOURCE_DATE_EPOCH": "1800000000"}).returncode == 0
    assert rbc("check", plan, environment={"SOURCE_DATE_EPOCH": "soon"}).returncode == 2
