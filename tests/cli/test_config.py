"""`rbc config` from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Rbc

FAR = """\
required-version = ">=0.1"
root = true
ignore = ["RB803", "RB8", "RB502"]
severity = { RB304 = "warning", RB302 = "off" }
policy = "org/levels.toml"
strict = true
exclude = ["old"]

[per-path."plans/legacy/**"]
ignore = ["RB3"]
"""

NEAR = """\
[tool.rbc]
select = ["RB80", "RB3", "SC"]
ignore = ["SC2086"]
severity = { claimed-time-differs = "error" }
strict = false
include = ["*.rbplan"]
"""


@pytest.fixture
def plans(folder: Path) -> Path:
    (folder / "rbc.toml").write_text(FAR)
    (folder / "plans").mkdir()
    (folder / "plans/pyproject.toml").write_text(NEAR)
    return folder / "plans"


def lines(text: str) -> list[list[str]]:
    return [line.split(maxsplit=2) for line in text.splitlines()]


def test_settings_with_their_origins(rbc: Rbc, plans: Path, snapshot: SnapshotAssertion) -> None:
    del plans
    done = rbc("config", "plans/a.rbplan")
    note = "rbc: there is no `plans/a.rbplan`; these settings would hold for it\n"
    assert (done.returncode, done.stderr) == (0, note)
    assert done.stdout == snapshot


def test_a_folder_stands_for_a_plan_in_it(rbc: Rbc, plans: Path) -> None:
    del plans
    of_folder = rbc("config", "plans").stdout.splitlines()[1:]
    assert of_folder == rbc("config", "plans/a.rbplan").stdout.splitlines()[1:]
    assert "plans/pyproject.toml" not in rbc("config").stdout


def test_what_the_command_line_says(rbc: Rbc, plans: Path) -> None:
    del plans
    output = rbc("config", "plans", "--select", "RB9", "--ignore", "RB901").stdout
    assert ["select", "RB9", "command line"] in lines(output)
    assert ["ignore", "RB901", "command line"] in lines(output)
    assert ["select", "RB80", "plans/pyproject.toml:2 (overridden by --select)"] in lines(output)
    assert rbc("config", "plans", "--no-config").stdout.count(" default") == 8


def test_json(rbc: Rbc, plans: Path) -> None:
    del plans
    document = json.loads(rbc("config", "plans/a.rbplan", "--output-format", "json").stdout)
    assert document["path"] == "plans/a.rbplan"
    assert document["files"] == ["rbc.toml", "plans/pyproject.toml"]
    assert document["ended"] == "rbc.toml:2 says root = true"
    assert len(document["fingerprint"]) == 64
    strict = [s for s in document["settings"] if s["key"] == "strict"]
    assert strict == [
        {
            "key": "strict",
            "value": "true",
            "origin": {"path": "rbc.toml", "line": 6, "column": 1},
            "holds": False,
            "note": "overridden by plans/pyproject.toml:5",
        },
        {
            "key": "strict",
            "value": "false",
            "origin": {"path": "plans/pyproject.toml", "line": 5, "column": 1},
            "holds": True,
            "note": None,
        },
    ]
    (pedantic,) = [s for s in document["settings"] if s["key"] == "pedantic"]
    assert (pedantic["value"], pedantic["origin"]) == ("false", "default")


def test_a_broken_configuration(rbc: Rbc, plans: Path) -> None:
    (plans / "pyproject.toml").write_text("[tool.rbc]\nstrikt = true\n")
    done = rbc("config", "plans/a.rbplan")
    assert (done.returncode, done.stdout) == (2, "")
    assert " --> plans/pyproject.toml:2:1" in done.stderr
    assert "did you mean `strict`?" in done.stderr


def test_a_plan_that_is_not_there_is_called_so(rbc: Rbc, plan: Path) -> None:
    done = rbc("config", "nope.rbplan")
    assert done.returncode == 0
    assert done.stdout.startswith("settings of nope.rbplan\n")
    assert done.stderr == "rbc: there is no `nope.rbplan`; these settings would hold for it\n"
    assert rbc("config", plan.name).stderr == ""
