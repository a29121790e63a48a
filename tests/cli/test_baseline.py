"""Baselines from outside: written, used, stale, broken."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import MODULE, PLAN, Rbc

NAME = ".rbc-baseline.json"
WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }").replace(
    "timeout 3m", "timeout 3m; retry 3"
)
"""RB304 in the scenario; RB306, the worst case of a step is over the budget of its phase."""


@pytest.fixture
def accepted(rbc: Rbc, plan: Path, folder: Path) -> Path:
    """A plan with two findings that its baseline accepts."""
    plan.write_text(WRONG)
    (folder / "rbc.toml").write_text(f'baseline = "{NAME}"\n')
    done = rbc("check", plan.name, "--write-baseline")
    assert (done.returncode, done.stderr) == (0, f"{NAME}: 2 findings accepted in 1 file\n")
    return plan


def entries(folder: Path) -> list[dict[str, object]]:
    document = json.loads((folder / NAME).read_text())
    assert document["format"] == 1
    found: list[dict[str, object]] = document["findings"]
    return found


def test_what_is_accepted_is_not_reported(rbc: Rbc, accepted: Path, folder: Path) -> None:
    done = rbc("check", accepted.name, "--strict")
    assert done.returncode == 0
    assert done.stdout == f"nothing to report in 1 file\n2 more are accepted by `{NAME}`\n"
    assert json.loads(rbc("check", accepted.name, "--output-format", "json").stdout) == []
    assert rbc("compile", accepted.name).returncode == 0
    assert rbc("check", accepted.name, "--no-config").returncode == 1
    assert rbc("check", accepted.name, "--no-config", "--baseline", NAME).returncode == 0
    assert entries(folder) == [
        {
            "path": "shop.rbplan",
            "code": "RB304",
            "in": "scenario quick",
            "text": "claims 3m",
            "count": 1,
        },
        {
            "path": "shop.rbplan",
            "code": "RB306",
            "in": "phase back",
            "text": "budget 4m",
            "count": 1,
        },
    ]


def test_moving_lines_wakes_nothing(rbc: Rbc, accepted: Path) -> None:
    moved = re.sub("^ +", lambda blanks: blanks[0] * 2, WRONG, flags=re.MULTILINE)
    moved = moved.replace("plan shop", "\n\n# a comment\nplan shop").replace("budget ", "budget  ")
    head, scenario, tail = re.split(r"(?m)^( *scenario .*\n)", moved)
    phases = head.index("    phase tidy")
    accepted.write_text(head[:phases] + "\n" + head[phases:] + "\n\n" + scenario + tail)
    assert rbc("check", accepted.name, "--strict").returncode == 0


def test_a_second_one_of_the_same_kind_is_reported(rbc: Rbc, accepted: Path) -> None:
    text = WRONG.replace(
        "scenario quick", 'scenario slow "Slowly" { run back..proof; claims 2m }\n  scenario quick'
    )
    accepted.write_text(text)
    done = rbc("check", accepted.name)
    assert done.returncode == 1
    assert done.stdout.count("error[RB304]") == 1
    assert "scenario `slow` claims 2m" in done.stdout
    assert "stale" not in done.stdout


def test_what_was_mended_is_stale(rbc: Rbc, accepted: Path, folder: Path) -> None:
    accepted.write_text(WRONG.replace("; claims 3m", ""))
    done = rbc("check", accepted.name)
    assert done.returncode == 0
    words = "`RB304` in `scenario quick` of `shop.rbplan` is accepted once, and not found"
    assert f"warning[RB915]: {words}" in done.stdout
    assert f" --> {NAME}:4:5" in done.stdout
    assert rbc("check", accepted.name, "--strict").returncode == 1
    assert rbc("check", accepted.name, "--write-baseline").returncode == 0
    assert [entry["code"] for entry in entries(folder)] == ["RB306"]
    assert rbc("check", accepted.name, "--strict").returncode == 0


def test_only_what_was_looked_for_is_stale(rbc: Rbc, accepted: Path, folder: Path) -> None:
    (folder / "other.rbplan").write_text(PLAN.replace("plan shop", "plan other"))
    assert rbc("check", "other.rbplan", "--strict").returncode == 0
    assert rbc("check", accepted.name, "--strict", "--select", "RB8").returncode == 0
    accepted.write_text(WRONG.replace("after back", "after bakc"))
    assert "RB915" not in rbc("check", accepted.name).stdout
    accepted.unlink()
    done = rbc("check", "other.rbplan")
    assert done.stdout.count("warning[RB915]") == 2
    assert "and there is no such file" in done.stdout


def test_entries_of_plans_that_were_not_checked_stay(
    rbc: Rbc, accepted: Path, folder: Path
) -> None:
    (folder / "plans").mkdir()
    (folder / "plans/web.rbplan").write_text(WRONG.replace("plan shop", "plan web"))
    assert rbc("check", "plans", "--write-baseline").returncode == 0
    paths = {"plans/web.rbplan", "shop.rbplan"}
    assert {entry["path"] for entry in entries(folder)} == paths
    accepted.write_text("rbplan 1\nplan shop {\n")
    assert rbc("check", ".", "--write-baseline").returncode == 1
    assert {entry["path"] for entry in entries(folder)} == paths
    accepted.unlink()
    assert rbc("check", ".", "--write-baseline").returncode == 0
    assert {entry["path"] for entry in entries(folder)} == {"plans/web.rbplan"}


def test_entries_of_rules_that_are_switched_off_stay(
    rbc: Rbc, accepted: Path, folder: Path
) -> None:
    assert rbc("check", accepted.name, "--select", "RB306", "--write-baseline").returncode == 0
    assert [entry["code"] for entry in entries(folder)] == ["RB304", "RB306"]


def test_what_no_plan_is_excused_from_does_not_enter(rbc: Rbc, plan: Path, folder: Path) -> None:
    text = WRONG.replace("passed 2025-12-08T10:00:00Z", "failed 2025-12-08T10:00:00Z")
    plan.write_text(text)
    done = rbc("check", plan, "--write-baseline")
    assert done.returncode == 1
    assert "error[RB402]" in done.stdout
    codes = {entry["code"] for entry in entries(folder)}
    assert {"RB304", "RB306"} <= codes
    assert "RB402" not in codes


def test_findings_in_a_module_belong_to_the_plans_that_use_it(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    (folder / "lib").mkdir()
    (folder / "lib/things.rbplan").write_text(
        MODULE.replace('run `sleep "$seconds"`', 'timeout 20s; takes 40s; run `sleep "$seconds"`')
    )
    using = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "lib/things.rbplan" as things\n').replace(
        "budget 1m\n", 'budget 1m\n    step pause "Pause" things.wait(seconds: 3)\n'
    )
    plan.write_text(using)
    (folder / "two.rbplan").write_text(using.replace("plan shop", "plan two"))
    (folder / "rbc.toml").write_text(f'baseline = "{NAME}"\n')
    before = rbc("check", ".", "--no-config", "--strict")
    assert before.returncode == 1, before.stdout
    assert " --> lib/things.rbplan" in before.stdout
    assert rbc("check", ".", "--write-baseline").returncode == 0
    assert rbc("check", ".", "--strict").returncode == 0
    assert rbc("check", "two.rbplan", "--strict").returncode == 0
    assert rbc("check", "lib", "--strict").returncode == 0


@pytest.mark.parametrize("where", ["before", "after", "equals"])
def test_a_file_of_ones_own(rbc: Rbc, plan: Path, folder: Path, where: str) -> None:
    plan.write_text(WRONG)
    arguments = {
        "before": ["--write-baseline", "mine.json", plan.name],
        "after": [plan.name, "--write-baseline", "mine.json"],
        "equals": ["--write-baseline=mine.json", plan.name],
    }[where]
    done = rbc("check", *arguments)
    assert done.returncode == 0
    assert '`baseline = "mine.json"` in rbc.toml, or `--baseline mine.json`, makes' in done.stderr
    assert len(json.loads((folder / "mine.json").read_text())["findings"]) == 2
    assert rbc("check", plan.name, "--baseline", "mine.json", "--strict").returncode == 0


def test_the_plan_is_not_taken_for_the_file(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(WRONG)
    assert rbc("check", "--write-baseline", plan.name).returncode == 0
    assert plan.read_text() == WRONG
    assert len(entries(folder)) == 2


def test_without_a_configuration_it_lies_beside_the_nearest_one(rbc: Rbc, folder: Path) -> None:
    (folder / "plans/deep").mkdir(parents=True)
    (folder / "plans/rbc.toml").touch()
    (folder / "plans/deep/a.rbplan").write_text(WRONG)
    done = rbc("check", ".", "--write-baseline")
    assert done.stderr.startswith(f"plans/{NAME}: 2 findings accepted in 1 file\n")
    found = json.loads((folder / "plans" / NAME).read_text())["findings"]
    assert {entry["path"] for entry in found} == {"deep/a.rbplan"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "", "the baseline is not valid JSON"),
        ('{"format": 1,\n<<<<<<<', ":2:1", "the baseline is not valid JSON"),
        ('{\n"format": 2}', ":2:11", "the baseline has format `2`, and only 1 is known"),
        ('{"format": 1, "findings": [], "x": 1}', ":1:31", "the baseline has no `x`"),
        (
            '{"format": 1, "findings": [\n{"path": "a", "code": "RB402", "in": "", "text": ""}]}',
            ":2:23",
            "`RB402` can't be accepted",
        ),
        ("[" * 90 + "]" * 90, ":1:1", "the baseline is not an object"),
        (
            '{"format": 1,\n"findings": [{"count": ' + "9" * 5000 + "}]}",
            ":2:24",
            "the baseline is not valid JSON: a number has 5000 digits\n",
        ),
        ('{"format": ' + "9" * 4000 + "}", ":1:12", f"the baseline has format `{'9' * 20}…`"),
    ],
    ids=["empty", "merge", "newer", "key", "code", "list", "number", "long"],
)
def test_a_broken_baseline_exits_2_and_says_where(
    rbc: Rbc, accepted: Path, folder: Path, text: str, place: str, words: str
) -> None:
    (folder / NAME).write_text(text)
    for arguments in (["check"], ["check", "--write-baseline"], ["compile"]):
        done = rbc(*arguments, accepted.name)
        output = done.stdout + done.stderr
        assert done.returncode == 2
        assert f"error[RB297]: {words}" in output
        assert f" --> {NAME}{place}" in output
        assert "RB304" not in output
        assert (folder / NAME).read_text() == text


def test_a_baseline_that_is_missing(rbc: Rbc, accepted: Path, folder: Path) -> None:
    (folder / NAME).unlink()
    done = rbc("check", accepted.name)
    assert done.returncode == 2
    assert f"error[RB297]: there is no baseline `{NAME}`" in done.stdout
    assert " --> rbc.toml:1:1" in done.stdout
    assert "hint: `rbc check --write-baseline shop.rbplan` makes it" in done.stdout
    assert rbc("check", accepted.name, "--write-baseline").returncode == 0


def test_a_baseline_that_can_not_be_written(rbc: Rbc, plan: Path) -> None:
    plan.write_text(WRONG)
    done = rbc("check", plan.name, "--write-baseline", "none/b.json")
    assert done.returncode == 2
    assert "cannot write `none/b.json`: no such file or directory" in done.stderr


def test_a_plan_from_standard_input_needs_a_name(rbc: Rbc, folder: Path) -> None:
    done = rbc("check", "-", "--write-baseline", stdin=WRONG)
    assert done.returncode == 2
    assert "`-` needs --stdin-filename" in done.stderr
    assert not (folder / NAME).exists()
    done = rbc("check", "-", "--stdin-filename", "a.rbplan", "--write-baseline", stdin=WRONG)
    assert done.returncode == 0
    assert (
        rbc(
            "check", "-", "--stdin-filename", "a.rbplan", "--baseline", NAME, stdin=WRONG
        ).returncode
        == 0
    )


def test_the_hint_of_a_stale_entry_can_be_run(rbc: Rbc, accepted: Path, folder: Path) -> None:
    (folder / NAME).rename(folder / "o w n.json")
    accepted.write_text(PLAN)
    for arguments, command in (
        (["."], "rbc check --baseline 'o w n.json' --write-baseline ."),
        ([accepted.name], "rbc check --baseline 'o w n.json' --write-baseline shop.rbplan"),
    ):
        done = rbc("check", *arguments, "--baseline", "o w n.json")
        assert f"hint: write the baseline anew: `{command}`" in done.stdout
    assert rbc(*shlex.split(command)[1:]).returncode == 0
    done = rbc("check", ".", "--baseline", "o w n.json")
    assert done.stdout == "nothing to report in 1 file\n"
    (folder / "o w n.json").write_text("{")
    done = rbc("check", *[accepted.name] * 7, "--baseline", "o w n.json")
    many = " ".join([accepted.name] * 4)
    assert f"write it anew with `rbc check --baseline 'o w n.json' --write-baseline {many} …`" in (
        done.stdout
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--write-baseline", "x.txt", "shop.rbplan"],
            "there is no such plan, and a baseline ends in .json",
        ),
        (
            ["shop.rbplan", "--write-baseline", "x.txt"],
            "there is no such plan, and a baseline ends in .json",
        ),
        (["shop.rbplan", "--write-baseline=x.txt"], "a baseline ends in .json, unlike 'x.txt'"),
    ],
)
def test_a_baseline_has_to_be_called_one(
    rbc: Rbc, accepted: Path, folder: Path, arguments: list[str], words: str
) -> None:
    done = rbc("check", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert not (folder / "x.txt").exists()
    del accepted


def test_a_policy_and_a_baseline_that_are_missing_are_both_reported(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    (folder / "rbc.toml").write_text(
        'strict = true\npolicy = "nope.toml"\nbaseline = "nope.json"\n'
    )
    for arguments in (
        ["check"],
        ["check", "--no-cache"],
        ["check", "--diff"],
        ["compile"],
        ["graph"],
    ):
        done = rbc(*arguments, plan.name)
        output = done.stdout + done.stderr
        assert done.returncode == 2
        assert "error[RB299]: there is no policy `nope.toml`\n --> rbc.toml:2:1" in output
        assert "error[RB297]: there is no baseline `nope.json`\n --> rbc.toml:3:1" in output
    done = rbc("check", plan.name, "--policy", "none.toml")
    assert "error[RB100]: there is no such file\n --> none.toml" in done.stdout


def test_the_hint_names_the_file_from_the_folder_of_the_configuration(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    plan.write_text(WRONG)
    (folder / "bd").mkdir()
    done = rbc("check", plan.name, "--write-baseline=bd/x.json")
    hint = '`baseline = "bd/x.json"` in rbc.toml, or `--baseline bd/x.json`, makes use of it'
    assert hint in done.stderr
    (folder / "rbc.toml").write_text('baseline = "bd/x.json"\n')
    assert rbc("check", plan.name, "--strict").returncode == 0
