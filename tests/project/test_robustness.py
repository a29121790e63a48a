"""No text of a configuration or baseline raises; each fault is a finding with a place."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from rbdsl.diagnostics import Diagnostic
from rbdsl.project.baseline import parse_baseline
from rbdsl.project.configuration_file import parse_configuration
from rbdsl.project.enclosing import Enclosing
from rbdsl.source import Source
from tests.cli.conftest import PLAN

PIECES = st.sampled_from(
    [
        "select",
        "ignore",
        "severity",
        "per-path",
        "=",
        ".",
        "[",
        "]",
        "{",
        "}",
        ",",
        '"',
        "'",
        "RB803",
        '"RB8"',
        "SC",
        "RB301",
        "off",
        '"error"',
        "true",
        "1",
        "-",
        "#",
        '"a/**"',
        "\\",
        "format",
        "findings",
        "path",
        "code",
        "in",
        "text",
        "count",
        ":",
        "null",
        "é",
        "1e9",
        "inf",
    ]
) | st.sampled_from(" \n")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["format", "findings", "path", "code", "in", "text", "count", "é"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


def inside(diagnostics: tuple[Diagnostic, ...], source: Source) -> bool:
    ends = [(d.span.start, d.span.end) for d in diagnostics]
    return all(0 <= start <= end <= len(source.text) for start, end in ends)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
@example("a = " + "9" * 5000)
@example("select = ['RB8', \"RB8\"]\nselect = 1")
@example("[per-path]\n'' = {}\n[[severity]]\n")
def test_any_configuration(text: str) -> None:
    source = Source("rbc.toml", text)
    found, problems = parse_configuration(source, Path("/p/rbc.toml"))
    assert (found is None) == bool(problems)
    assert inside(problems, source)


@given(st.lists(PIECES, max_size=40).map("".join) | VALUES.map(json.dumps))
@example('{"format": 1, "findings": [{"path": "\\ud800\\u0000", "code": "RB302"}]}')
@example('{"format": 1, "findings": {}}')
def test_any_baseline(text: str) -> None:
    source = Source("b.json", text)
    found, problems = parse_baseline(source)
    assert (found is None) == bool(problems)
    assert inside(problems, source)


def test_a_hundred_mistakes_are_enough() -> None:
    listed = ", ".join(f'"X{number}"' for number in range(50_000))
    source = Source("rbc.toml", f"ignore = [{listed}]\n")
    assert len(parse_configuration(source, Path("/p/rbc.toml"))[1]) == 100
    body = ", ".join(f'{{"cod{number}": 1}}' for number in range(50_000))
    source = Source("b.json", f'{{"format": 1, "findings": [{body}]}}')
    assert 100 <= len(parse_baseline(source)[1]) < 110


@given(st.integers(0, len(PLAN)), st.integers(0, 80), st.integers(0, len(PLAN)))
def test_any_place_has_a_name(start: int, length: int, cut: int) -> None:
    for text in (PLAN, PLAN[:cut]):
        source = Source("a.rbplan", text)
        first = min(start, len(text))
        within, about = Enclosing(source).of(source.span(first, min(first + length, len(text))))
        assert "\n" not in within + about
