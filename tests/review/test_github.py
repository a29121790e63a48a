"""Workflow commands: escaped, and no more of them than GitHub shows."""

from __future__ import annotations

from rbdsl.diagnostics import Code, Severity
from rbdsl.review.findings import Findings
from rbdsl.review.github import render
from rbdsl.source import Source
from tests.review.reporting import ORDER, UNUSED, hostile, many, mixed


def commands(text: str) -> list[str]:
    """What the runner takes for commands: `::` behind blanks, or `##[` anywhere."""
    lines = text.splitlines()
    return [line for line in lines if line.strip().startswith("::") or "##[" in line]


def test_an_annotation_names_its_place_and_says_everything() -> None:
    first, *others = commands(render(mixed()))
    assert first == (
        "::error file=plans/ä b.rbplan,line=2,endLine=2,col=37,endColumn=39,"
        "title=RB304 claimed-time-differs::the plan claims 8m and takes 9m: 3m + 6m = 9m%0A"
        "1m short%0Acritical path: a 3m + b 6m = 9m%0Ahint: write `claims 9m`"
    )
    assert [line.split(" ")[0] for line in others] == ["::warning", "::notice", "::notice"]


def test_nothing_in_a_plan_becomes_a_command_or_a_property() -> None:
    (line,) = commands(render(hostile()))
    properties, data = line.removeprefix("::error ").split("::", 1)
    names = [part.split("=", 1)[0] for part in properties.split(",")]
    assert names == ["file", "line", "endLine", "col", "endColumn", "title"]
    assert properties.startswith('file=a%2Cb%3Ac%25%0A"<&>.rbplan,')
    assert "%250A" in data
    assert "\x1b" not in line


def test_up_to_ten_are_all_annotations() -> None:
    assert len(commands(render(many(10)))) == 10


def test_beyond_ten_the_tenth_says_so_and_the_others_are_lines_of_the_log() -> None:
    text = render(many(12))
    shown = commands(text)
    assert len(shown) == 10
    assert shown[-1].startswith("::error title=rbc::3 more of this kind are in the log")
    for number in (10, 11, 12):
        assert f"- a.rbplan:{number}:1: error[RB304] finding {number}\n" in text
    assert text.endswith("\n12 errors in 1 file\n")


def test_each_kind_has_its_own_ten() -> None:
    both = (*many(12).diagnostics, *many(12, UNUSED).diagnostics, *many(3, ORDER).diagnostics)
    shown = commands(render(Findings(both)))
    kinds = [line.split(" ")[0] for line in shown]
    assert [kinds.count(k) for k in ("::error", "::warning", "::notice")] == [10, 10, 3]


def test_a_left_out_finding_is_no_command_either() -> None:
    code = Code("RB304", "x", Severity.ERROR)
    source = Source("::error::x", "a\n")
    found = [code.at(source.span(0, 1), "##[error]boom") for _ in range(11)]
    assert len(commands(render(Findings(tuple(found))))) == 10
