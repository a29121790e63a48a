"""The grammar is built once and kept; nobody else's cache is ever read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rbdsl.syntax.words import STATEMENT_OWNERS

PARSE = """
import sys
from lark import Lark
built = []
original = Lark.__init__
def watched(self, *args, **kwargs):
    built.append(1)
    original(self, *args, **kwargs)
Lark.__init__ = watched
from rbdsl.source import Source
from rbdsl.syntax.parser import parse
tree, errors = parse(Source("a", 'rbplan 1\\nplan x "X" { level 2; phase run "R" { budget 1m } }'))
assert tree is not None and not errors, errors
print("built" if built else "loaded", [t.type for t in tree.root.tokens() if t == "run"])
"""


def parse_in_a_process(cache: Path) -> str:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", PARSE], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_second_process_loads_what_the_first_one_built(tmp_path: Path) -> None:
    assert parse_in_a_process(tmp_path) == "built ['NAME']"
    assert parse_in_a_process(tmp_path) == "loaded ['NAME']"


def test_a_torn_cache_is_built_anew(tmp_path: Path) -> None:
    parse_in_a_process(tmp_path)
    (kept,) = (tmp_path / "rbc").iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert parse_in_a_process(tmp_path) == "built ['NAME']"
    assert parse_in_a_process(tmp_path) == "loaded ['NAME']"


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path, mode: int) -> None:
    (tmp_path / "rbc").mkdir()
    (tmp_path / "rbc").chmod(mode)
    assert parse_in_a_process(tmp_path) == "built ['NAME']"
    assert list((tmp_path / "rbc").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert parse_in_a_process(tmp_path / "file") == "built ['NAME']"


def test_every_statement_knows_where_it_belongs() -> None:
    assert STATEMENT_OWNERS["budget"] == "a phase"
    assert STATEMENT_OWNERS["timeout"] == (
        "a check, a gate, a manual step, a phase, a step or the plan itself"
    )
    assert STATEMENT_OWNERS["rung"] == "the escalation block"
