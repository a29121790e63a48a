"""Files and folders that nobody may read: RB100 for each, beside the other findings, and exit 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, Rbc

WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }")
DENIED = "the folder cannot be read: permission denied"


@pytest.fixture
def locked(folder: Path) -> Iterator[Path]:
    """`plans/locked`, a folder that nobody may look into, beside a plan with a finding."""
    place = folder / "plans" / "locked"
    place.mkdir(parents=True)
    (place / "hidden.rbplan").write_text(WRONG.replace("plan shop", "plan hidden"))
    (folder / "plans" / "shop.rbplan").write_text(WRONG)
    place.chmod(0)
    yield place
    place.chmod(0o755)


@pytest.mark.parametrize(
    "arguments",
    [
        ["."],
        ["plans"],
        [".", "--no-cache"],
        ["**/*.rbplan"],
        ["pl*/*/*.rbplan", "plans/shop.rbplan"],
        ["plans/locked/*.rbplan", "plans/shop.rbplan"],
        ["plans/loc*/hidden.rbplan", "plans/shop.rbplan"],
    ],
)
def test_a_folder_is_found_and_named(rbc: Rbc, locked: Path, arguments: list[str]) -> None:
    done = rbc("check", *arguments, "--output-format", "json", powerless=True)
    found = [(f["code"], f["path"], f["message"]) for f in json.loads(done.stdout)]
    assert ("RB100", "plans/locked", DENIED) in found
    assert [code for code, path, _ in found if path == "plans/shop.rbplan"] == ["RB304"]
    assert done.returncode == 2
    del locked


def test_no_other_command_passes_over_it(rbc: Rbc, locked: Path, folder: Path) -> None:
    (folder / "other").mkdir()
    for arguments in (["compile", "plans"], ["graph", "plans"], ["diff", "plans", "other"]):
        (folder / "plans" / "shop.rbplan").write_text(PLAN)
        (folder / "other" / "shop.rbplan").write_text(PLAN)
        done = rbc(*arguments, powerless=True)
        assert done.returncode == 2, arguments
        assert DENIED in done.stdout + done.stderr
    assert not (folder / "build").exists()
    del locked


def test_what_lies_in_it_is_not_called_removed(rbc: Rbc, locked: Path, folder: Path) -> None:
    (folder / "old" / "locked").mkdir(parents=True)
    (folder / "old" / "locked" / "hidden.rbplan").write_text(PLAN)
    (folder / "old" / "shop.rbplan").write_text(WRONG)
    for sides in (["old", "plans"], ["plans", "old"]):
        done = rbc("diff", *sides, powerless=True)
        assert done.returncode == 2
        assert f"RB100 {DENIED} (plans/locked" in " ".join(done.stdout.split())
        assert "hidden" not in done.stdout
        assert "2 plans: 1 same, 1 unreadable" in done.stdout
    del locked


def test_a_folder_that_is_excluded_need_not_be_read(rbc: Rbc, locked: Path, folder: Path) -> None:
    (folder / "rbc.toml").write_text('exclude = ["locked"]\n')
    (folder / "plans" / "shop.rbplan").write_text(PLAN)
    done = rbc("check", ".", powerless=True)
    assert (done.returncode, done.stdout) == (0, "nothing to report in 1 file\n")
    (folder / "rbc.toml").write_text('include = ["*.rbplan"]\n')
    assert DENIED in rbc("check", ".", powerless=True).stdout
    del locked


@pytest.mark.parametrize("command", ["check", "compile", "graph", "certify"])
def test_a_file_that_is_named_is_a_finding_like_one_that_is_found(
    rbc: Rbc, plan: Path, folder: Path, command: str
) -> None:
    (folder / "closed.rbplan").write_text(PLAN)
    (folder / "closed.rbplan").chmod(0)
    plan.write_text(WRONG)
    names = ["closed.rbplan"] if command == "certify" else ["closed.rbplan", plan.name]
    done = rbc(command, *names, powerless=True)
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "error[RB100]: the file cannot be read: permission denied" in said
    assert "Usage" not in said
    if command in {"check", "compile"}:
        assert "error[RB304]" in said
