"""Findings for programs."""

from __future__ import annotations

import json

from rbdsl.diagnostics import Code, Label, Severity
from rbdsl.review.json import render
from rbdsl.source import Source


def test_places_count_from_1_in_characters() -> None:
    source = Source("ü.rbplan", "é 日本\nphase x\n", bom=True)
    other = Source("std/x", "\n\nabc\n")
    found = Code("RB123", "some-name", Severity.WARNING).at(
        source.span(2, 4),
        "mes“sage”",
        labels=[Label(other.span(2, 5), "there")],
        hint=None,
        notes=["a fact"],
    )
    assert json.loads(render([found])) == [
        {
            "code": "RB123",
            "name": "some-name",
            "severity": "warning",
            "message": "mes“sage”",
            "path": "ü.rbplan",
            "range": {"start": {"line": 1, "column": 3}, "end": {"line": 1, "column": 5}},
            "hint": None,
            "labels": [
                {
                    "text": "there",
                    "path": "std/x",
                    "range": {"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 4}},
                }
            ],
            "notes": ["a fact"],
        }
    ]


def test_nothing_found_is_an_empty_array() -> None:
    assert render([]) == "[]\n"


def test_the_terminal_is_safe_from_it() -> None:
    source = Source("x", "\x1b")
    found = Code("RB123", "n", Severity.ERROR).at(source.span(0, 1), "\x1b[2J\x9b\u202e\ud800")
    assert render([found]).isascii()
    assert "\x1b" not in render([found])
