"""The plans of others: the page says what is found of them, and their marks are in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.run import PAGE
from tests.corpus.unseen import judge, table, verdicts


def test_the_page_shows_these_figures() -> None:
    assert table() in PAGE.read_text("utf-8"), "run python -m tests.corpus.unseen --write"


def test_all_of_them_are_plans() -> None:
    # What does not parse or has a wrong name in it would be neither found nor missed.
    assert not [
        (v.name, d.code)
        for v in verdicts()
        for d in v.reported
        if d.code.startswith(("RB1", "RB2"))
    ]


def test_a_faulty_plan_needs_one_mark(tmp_path: Path) -> None:
    (tmp_path / "faulty").mkdir()
    plan = tmp_path / "faulty" / "x.rbplan"
    plan.write_text("rbplan 1\n")
    with pytest.raises(ValueError, match="0 marks"):
        judge(plan)


def test_found_is_what_stands_at_the_line(tmp_path: Path) -> None:
    (tmp_path / "faulty").mkdir()
    plan = tmp_path / "faulty" / "x.rbplan"
    plan.write_text(
        'rbplan 1\nplan web "Web" {\n  level 2\n  phase back "Back" {\n    budget 1m\n'
        "    # defect: a page that says 500 is success to it\n"
        '    step undo "Undo" { timeout 30s; run `curl -sS --max-time 5 -XPOST http://web/undo` }\n'
        '    step rest "Rest" { timeout 30s; run `rm -rf "$cache"/` }\n  }\n}\n'
    )
    verdict = judge(plan)
    assert verdict.line == 7
    assert "RB835" in {d.code for d in verdict.at_fault}
    assert all(d.span.begin.line == 7 for d in verdict.at_fault)
    assert {d.span.begin.line for d in verdict.besides} == {8}


def test_what_a_level_demands_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    plan = tmp_path / "good" / "x.rbplan"
    plan.write_text(
        'rbplan 1\nplan web "Web" {\n  level 2\n'
        '  phase back "Back" { budget 1m; step undo "Undo" { timeout 30s; run `./undo.sh` } }\n}\n'
    )
    assert {d.code[:3] for d in judge(plan).reported} == set()
