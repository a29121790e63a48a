"""Fixes carried out on a text: what no edit names stays, and where two touch the first one wins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rbdsl.diagnostics import Code, Edit, Fix, Severity
from rbdsl.review.mending import fixes, mend
from rbdsl.source import Source

TEXT = "".join(chr(0x4E00 + number) for number in range(40))
"""Every character once, so that it is seen where each one went."""


def fix(source: Source, *edits: tuple[int, int, str]) -> Fix:
    return Fix("x", tuple(Edit(source.span(start, end), text) for start, end, text in edits))


def after(text: str, *wanted: list[tuple[int, int, str]]) -> tuple[str, int]:
    source = Source("a", text)
    new, made = mend(source, [fix(source, *edits) for edits in wanted])
    return new.text, made


def test_edits_replace_insert_and_remove() -> None:
    assert after("abcdef", [(0, 1, "XY")], [(2, 2, "-")], [(4, 6, "")]) == ("XYb-cd", 3)


def test_where_two_overlap_or_abut_the_first_one_wins() -> None:
    assert after("abcdef", [(2, 4, "X")], [(3, 5, "Y")]) == ("abXef", 1)
    assert after("abcdef", [(2, 4, "X")], [(0, 2, "Y")]) == ("abXef", 1)
    assert after("abcdef", [(2, 2, "X")], [(2, 2, "Y")]) == ("abXcdef", 1)
    assert after("abcdef", [(0, 6, "X")], [(3, 3, "Y")]) == ("X", 1)


def test_a_fix_is_made_as_a_whole_or_not_at_all() -> None:
    assert after("abcdef", [(4, 5, "X")], [(0, 1, "("), (4, 4, ")")]) == ("abcdXf", 1)


def test_new_lines_end_as_those_of_the_file_do() -> None:
    assert after("a\r\nb\r\n", [(0, 0, "x\n")]) == ("x\r\na\r\nb\r\n", 1)
    assert after("a\nb\n", [(0, 0, "x\n")]) == ("x\na\nb\n", 1)


def test_unsafe_fixes_are_left_out_unless_asked_for() -> None:
    span = Source("a", "abc").span(0, 1)
    code = Code("RB999", "x", Severity.ERROR)
    found = [
        code.at(span, "x", fix=Fix("x", (Edit(span, "y"),), safe=safe)) for safe in (True, False)
    ]
    found.append(code.at(span, "no fix"))
    assert [f.safe for f in fixes(found, unsafe=False)] == [True]
    assert [f.safe for f in fixes(found, unsafe=True)] == [True, False]


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 4), st.text("xyz", max_size=3)), max_size=12
    )
)
def test_what_no_edit_names_stays_in_its_order(wanted: list[tuple[int, int, str]]) -> None:
    edits = [(start, min(start + length, 40), text) for start, length, text in wanted]
    text, made = after(TEXT, *([edit] for edit in edits))
    named = {n for start, end, _ in edits for n in range(start, end)}
    kept = [c for n, c in enumerate(TEXT) if n not in named]
    assert [c for c in text if c in kept] == kept
    assert made <= len(edits)
    assert bool(made) is bool(edits)
    added = sum(c in "xyz" for c in text)
    assert added <= sum(len(t) for _, _, t in edits)
