"""The Reviewdog Diagnostic Format: columns in bytes, and suggestions that can be applied."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from rbdsl.review.findings import Findings
from rbdsl.review.rdjson import render
from rbdsl.source import Source
from tests.review.reporting import CLAIMED, PLAN, hostile, mixed

POSITION = {
    "type": "object",
    "required": ["line", "column"],
    "additionalProperties": False,
    "properties": {key: {"type": "integer", "minimum": 1} for key in ("line", "column")},
}
RANGE = {
    "type": "object",
    "required": ["start"],
    "additionalProperties": False,
    "properties": {"start": POSITION, "end": POSITION},
}
TEXT = {"type": "string"}


def an_object(required: list[str], **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


SCHEMA = an_object(
    ["diagnostics"],
    source=an_object(["name"], name=TEXT, url=TEXT),
    diagnostics={
        "type": "array",
        "items": an_object(
            ["message", "location"],
            message=TEXT,
            location=an_object(["path"], path=TEXT, range=RANGE),
            severity={"enum": ["ERROR", "WARNING", "INFO"]},
            code=an_object(["value"], value=TEXT, url=TEXT),
            suggestions={
                "type": "array",
                "items": an_object(["range", "text"], range=RANGE, text=TEXT),
            },
        ),
    },
)
"""The parts of reviewdog's `proto/rdf/reviewdog.proto` that are used, and nothing else.

Its own JSON Schema, `proto/rdf/jsonschema/DiagnosticResult.json`, says less: the same names and
types, everything optional, and whatever else one likes beside it.
"""


def diagnostics(findings: Findings) -> list[dict[str, Any]]:
    found = json.loads(render(findings))
    Draft202012Validator(SCHEMA).validate(found)
    return list(found["diagnostics"])


def offset(data: bytes, position: dict[str, int]) -> int:
    lines = data.splitlines(keepends=True)
    return sum(map(len, lines[: position["line"] - 1])) + position["column"] - 1


def applied(suggestion: dict[str, Any]) -> str:
    """The plan with a suggestion in it, byte by byte, as reviewdog does it."""
    data = PLAN.encode()
    start, end = (offset(data, suggestion["range"][edge]) for edge in ("start", "end"))
    text: str = (data[:start] + suggestion["text"].encode() + data[end:]).decode()
    return text


def test_columns_count_bytes() -> None:
    first, *others = diagnostics(mixed())
    line = PLAN.splitlines()[1]
    column = len(line[: line.index("8m")].encode()) + 1
    assert first["location"] == {
        "path": "plans/ä b.rbplan",
        "range": {"start": {"line": 2, "column": column}, "end": {"line": 2, "column": column + 2}},
    }
    assert column == line.index("8m") + 1 + 1 + 4 + 3
    assert [d["severity"] for d in others] == ["WARNING", "INFO", "INFO"]
    assert others[-1]["code"] == {
        "value": "SC2086",
        "url": "https://www.shellcheck.net/wiki/SC2086",
    }


def test_suggestions_mend_the_plan() -> None:
    first, second, third, fourth = diagnostics(mixed())
    assert applied(first["suggestions"][0]) == PLAN.replace("8m", "9m")
    assert applied(second["suggestions"][0]) == PLAN.replace(' # rbc: allow RB306 "x"', "")
    assert "suggestions" not in third
    assert applied(fourth["suggestions"][0]) == PLAN.replace("$x", '"$x"')


def test_a_file_that_could_not_be_read_has_no_range() -> None:
    found = CLAIMED.at(Source("x", "").span(0, 0), "there is no such file")
    assert diagnostics(Findings((found,)))[0]["location"] == {"path": "x"}


def test_nothing_and_anything() -> None:
    assert diagnostics(Findings(())) == []
    assert len(diagnostics(hostile())) == 1
