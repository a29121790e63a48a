"""The corpus: enough of its defects are found, few findings are false, and the docs say how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.rules.registry import FAMILIES, all_rules
from tests.corpus.run import (
    FOLDER,
    LEAST_FOUND,
    MOST_FALSE,
    PAGE,
    Entry,
    Row,
    judge,
    main,
    read,
    rows,
    table,
    verdicts,
)

NOT_FOUND: frozenset[str] = frozenset()
"""Plans whose defect no rule finds yet, or that a rule is wrong about: the figures count them."""

AT_LEAST = (150, 60)
"""So many faulty and good plans there must be."""

CLEAN = """\
rbplan 1
plan web "Web" {
  level 2
  phase back "Back" { budget 1m; step undo "Undo" { timeout 30s; run `./undo.sh` } }
}
"""


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*/*.rbplan")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_plan(path: Path) -> None:
    verdict = judge(read(path))
    assert (str(verdict) == "") == (verdict.entry.name not in NOT_FOUND), str(verdict)


def test_enough_is_found_and_little_is_false() -> None:
    whole = rows(verdicts())["all"]
    assert whole.found_part >= LEAST_FOUND
    assert whole.false_part < MOST_FALSE


def test_there_are_enough_plans() -> None:
    whole = rows(verdicts())["all"]
    assert (whole.faulty >= AT_LEAST[0], whole.good >= AT_LEAST[1]) == (True, True)


def test_names_begin_with_a_family_and_codes_exist() -> None:
    codes = {rule.code.id for rule in all_rules()}
    for verdict in verdicts():
        assert verdict.entry.family in FAMILIES, verdict.entry.name
        assert verdict.entry.code is None or verdict.entry.code in codes, verdict.entry.name


def test_no_two_plans_are_the_same() -> None:
    texts = [verdict.entry.text for verdict in verdicts()]
    assert len(set(texts)) == len(texts)


def test_the_page_shows_these_figures() -> None:
    assert table(verdicts()) in PAGE.read_text("utf-8"), "run python -m tests.corpus.run --write"


def test_a_defect_is_found_only_at_its_line() -> None:
    entry = Entry("time", "x", CLEAN, "RB404", 3)
    assert judge(entry).found
    assert not judge(Entry("time", "x", CLEAN, "RB404", 4)).found


def test_what_is_reported_besides_is_false() -> None:
    verdict = judge(Entry("time", "x", CLEAN, "RB404", 3))
    assert "RB402" in {d.code for d in verdict.false}
    assert "x:3: false RB402" in str(verdict)
    row = Row()
    row.add(verdict)
    assert (row.found_part, row.false_part) == (1.0, 1.0)


def test_a_faulty_plan_needs_one_mark_and_a_good_one_none(tmp_path: Path) -> None:
    for folder, text in (("faulty", CLEAN), ("good", f"# defect RB301\n{CLEAN}")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "time-x.rbplan"
        file.write_text(text, "utf-8")
        with pytest.raises(ValueError, match="marks"):
            read(file)


def test_the_command_prints_the_table_and_what_is_missed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert table(verdicts()) in capsys.readouterr().out
