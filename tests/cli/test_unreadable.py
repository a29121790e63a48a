"""Files and folders that nobody may read: RB100 for each, beside the other findings, and exit 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import MODULE, PLAN, Rbc

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


@pytest.fixture
def closed(folder: Path) -> Iterator[Path]:
    """`closed`, a folder that nobody may look into, with a plan, a module, levels, a baseline."""
    place = folder / "closed"
    place.mkdir()
    (place / "a.rbplan").write_text(PLAN)
    (place / "m.rbplan").write_text(MODULE)
    (place / "levels.toml").write_text('format = 1\n[level.2]\nsla = "30m"\n')
    (place / "b.json").write_text('{"format": 1, "findings": []}\n')
    (folder / "shop.rbplan").write_text(PLAN)
    place.chmod(0)
    yield place
    place.chmod(0o755)


def test_a_module_in_a_closed_folder_is_no_fault_of_rbc(
    rbc: Rbc, closed: Path, folder: Path
) -> None:
    use = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "closed/m.rbplan" as m\n', 1)
    (folder / "shop.rbplan").write_text(use)
    for command in ("check", "compile", "graph", "certify"):
        done = rbc(command, "shop.rbplan", powerless=True)
        told = " ".join((done.stdout + done.stderr).split())
        assert "internal error" not in told
        assert "module `closed/m.rbplan` cannot be read: the file cannot be read: permission denied" in told  # fmt: skip
        assert done.returncode in {1, 2}
    del closed


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("certify", "closed/a.rbplan"), 2),
        (("check", "closed/a.rbplan"), 2),
        (("config", "closed/a.rbplan"), 0),
        (("diff", "shop.rbplan", "closed/a.rbplan"), 2),
        (("check", "shop.rbplan", "--baseline", "closed/b.json"), 2),
        (("check", "shop.rbplan", "--policy", "closed/levels.toml"), 2),
    ],
)
def test_what_may_not_be_looked_at_is_not_called_missing(
    rbc: Rbc, closed: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = rbc(*arguments, powerless=True)
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == code, told
    assert "permission" in told
    assert "denied" in told
    assert "internal error" not in told
    assert "there is no" not in told
    del closed


def test_a_configured_file_in_a_closed_folder(rbc: Rbc, closed: Path, folder: Path) -> None:
    for setting in ('policy = "closed/levels.toml"', 'baseline = "closed/b.json"'):
        (folder / "rbc.toml").write_text(setting)
        done = rbc("check", "shop.rbplan", powerless=True)
        assert done.returncode == 2
        assert "permission denied" in done.stdout
        assert "there is no" not in done.stdout
    del closed
