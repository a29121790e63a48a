"""Findings as they look in a terminal: each snapshot holds the source and what is shown of it."""

from __future__ import annotations

import re

import pytest
from syrupy.assertion import SnapshotAssertion

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.review.page import Page
from rbdsl.review.palette import Palette
from rbdsl.review.summary import summary
from rbdsl.review.text import render
from rbdsl.review.visible import Cell, cells, visible, width
from rbdsl.source import Source, Span

CODE = Code("RB999", "for-tests", Severity.ERROR)
PLAN = """\
rbplan 1

plan p "A plan" {
  level 3
  phase stop "Stop" {
    budget 1m
  }
  phase database "Database" {
    needs stop
    budget 3m
    step restore "Restore the dump" {
      run `pg_restore "$dump"`
    }
  }
}
"""


def place(source: Source, text: str, after: str = "") -> Span:
    start = source.text.index(text, source.text.index(after))
    return source.span(start, start + len(text))


def shown(source: Source, diagnostic: Diagnostic, columns: int = 80) -> str:
    return f"{source.text}{'─' * 78}\n{render(diagnostic, Page(columns))}\n"


@pytest.fixture
def plan() -> Source:
    return Source("plans/p.rbplan", PLAN)


def test_place_with_text_hint_and_notes(plan: Source, snapshot: SnapshotAssertion) -> None:
    span = place(plan, "budget 3m")
    found = CODE.at(
        span,
        "phase `database` takes 4m, and its budget is 3m",
        labels=[Label(span, "1m too little")],
        notes=["restore 3m + writable 1m = 4m"],
        hint="raise the budget to `4m`",
    )
    assert shown(plan, found) == snapshot


def test_several_labels_far_apart_and_on_one_line(
    plan: Source, snapshot: SnapshotAssertion
) -> None:
    found = CODE.at(
        place(plan, "3m"),
        "labels",
        labels=[
            Label(place(plan, "3m"), "this"),
            Label(place(plan, "budget", "needs"), "keyword"),
            Label(place(plan, "level 3"), "because of this"),
            Label(place(plan, "needs stop"), "and this"),
        ],
    )
    assert shown(plan, found) == snapshot


def test_a_block_shows_its_first_and_last_line(plan: Source, snapshot: SnapshotAssertion) -> None:
    start = PLAN.index("phase database")
    span = plan.span(start, PLAN.index("  }\n}") + 3)
    found = CODE.at(
        span,
        "phase `database` is never reached",
        labels=[Label(span, "this phase"), Label(place(plan, "Restore the dump"), "inside")],
    )
    assert shown(plan, found) == snapshot


def test_labels_in_another_file(plan: Source, snapshot: SnapshotAssertion) -> None:
    module = Source("std/postgres", 'rbplan 1\nmodule "P"\n\nstep restore(dump: string) {\n}\n')
    span = place(plan, "restore")
    found = CODE.at(span, "`dump` is missing", labels=[Label(place(module, "dump"), "declared")])
    assert shown(plan, found) == snapshot


def test_long_texts_are_wrapped(plan: Source, snapshot: SnapshotAssertion) -> None:
    long = "this is a long text that goes on about the many things it has to say, and on and on"
    found = CODE.at(
        place(plan, "restore"),
        long,
        labels=[
            Label(place(plan, "restore"), long),
            Label(place(plan, '"Restore the dump"'), long),
        ],
        notes=[long, "two\nlines"],
        hint=long,
    )
    assert shown(plan, found, columns=60) == snapshot


@pytest.mark.parametrize("columns", [40, 80])
def test_long_lines_are_cut_around_their_marks(columns: int, snapshot: SnapshotAssertion) -> None:
    source = Source("l.rbplan", "start " + "x" * 300 + " HERE " + "y" * 300 + " THERE end\n")
    for word in ("start", "HERE", "THERE"):
        found = CODE.at(place(source, word), "long", labels=[Label(place(source, word), word)])
        rows = render(found, Page(columns)).splitlines()
        assert max(map(width, rows)) <= columns
        column = rows[-1].index("^")
        assert rows[-2][column:].startswith(word)
        assert rows == snapshot(name=word)


def test_a_long_line_is_measured_once_for_all_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []

    def counting(line: str) -> list[Cell]:
        measured.append(len(line))
        return cells(line)

    monkeypatch.setattr("rbdsl.review.snippet.cells", counting)
    words = [f"word{i}" for i in range(200)]
    source = Source("l.rbplan", " && ".join(words) + " # all of them\n")
    for word in words:
        assert word in render(CODE.at(place(source, word + " "), "found"), Page(80))
    assert sum(measured) <= 2 * len(source.text)


def test_a_mark_wider_than_the_terminal_shows_its_start(snapshot: SnapshotAssertion) -> None:
    source = Source("l.rbplan", "a " + "x" * 300 + " b\n")
    found = CODE.at(place(source, "x" * 300), "long")
    assert render(found, Page(60)) == snapshot


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("\tstep\t\tname", "name"),
        ('step "日本語" name', "name"),
        ("cafe\u0301 name", "name"),
        ("👩\u200d🚒 name", "name"),
        ("\x1b[31mred\x07 name", "name"),
        ("a\u202eb name", "name"),
        ("\ud800 name", "name"),
        ("a\u2028b name", "name"),
    ],
)
def test_marks_stand_under_what_they_mark(line: str, mark: str) -> None:
    source = Source("w.rbplan", line + "\n")
    rows = render(CODE.at(place(source, mark), "m"), Page(80)).splitlines()
    code, under = rows[-2], rows[-1]
    assert width(under[: under.index("^")]) == width(code[: code.index(mark)])
    assert under.count("^") == len(mark)


@pytest.mark.parametrize("text", ["\x1b]0;owned\x07", "a\rb", "\x9b31m", "\u202e", "\x00", "\x7f"])
def test_a_plan_does_not_drive_the_terminal(text: str) -> None:
    source = Source(f"{text}.rbplan", f"x {text} y\n")
    span = source.span(0, len(source.text))
    found = CODE.at(span, text, labels=[Label(span, text)], notes=[text], hint=text)
    output = render(found, Page(80, wrap=False))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", output)


def test_the_end_of_the_file_and_an_empty_line_can_be_marked(snapshot: SnapshotAssertion) -> None:
    source = Source("e.rbplan", "plan p {\n\n")
    end = len(source.text)
    assert shown(source, CODE.at(source.span(end, end), "`}` is missing")) == snapshot
    assert shown(source, CODE.at(source.span(9, 9), "empty")) == snapshot


def test_a_source_that_was_not_read_has_a_path_only() -> None:
    found = CODE.at(Source("no.rbplan", "").span(0, 0), "there is no such file")
    assert render(found, Page()) == "error[RB999]: there is no such file\n --> no.rbplan"


def test_colours_change_nothing_else(plan: Source) -> None:
    span = place(plan, "budget 3m")
    found = CODE.at(
        span,
        "m",
        labels=[Label(span, "own"), Label(place(plan, "needs"), "other")],
        notes=["n"],
        hint="h",
    )
    plain = render(found, Page(80))
    colored = render(found, Page(80, Palette(on=True)))
    assert "\x1b[1;31m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


def test_prose_is_not_wrapped_for_pipes(plan: Source) -> None:
    found = CODE.at(place(plan, "stop"), "word " * 40, hint="word " * 40)
    rows = render(found, Page(80, wrap=False)).splitlines()
    assert rows[0].count("word") == rows[-1].count("word") == 40


def test_summary_counts_in_words(plan: Source) -> None:
    def of(*severities: Severity) -> list[Diagnostic]:
        return [CODE.at(place(plan, "stop"), "m", severity=s) for s in severities]

    assert summary([], 1, Page()) == "nothing to report in 1 file"
    assert summary(of(Severity.ERROR), 2, Page()) == "1 error in 2 files"
    assert (
        summary(of(Severity.INFO, Severity.ERROR, Severity.ERROR, Severity.WARNING), 3, Page())
        == "2 errors, 1 warning and 1 note in 3 files"
    )


def test_visible_leaves_ordinary_text_alone() -> None:
    for text in ("plain ~", "Übergröße — 日本 → ✓", "e\u0301"):
        assert visible(text) == text
