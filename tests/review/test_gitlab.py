"""GitLab's code quality report: the keys that it asks for, and fingerprints that last."""

from __future__ import annotations

import json
from typing import Any

from rbdsl.review.findings import Findings
from rbdsl.review.gitlab import render
from rbdsl.source import Source
from tests.review.reporting import CLAIMED, hostile, many, mixed


def issues(findings: Findings) -> list[dict[str, Any]]:
    text = render(findings)
    assert text.isascii()
    return list(json.loads(text))


def test_an_issue_has_what_gitlab_asks_for() -> None:
    first, *others = issues(mixed())
    assert set(first) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert first["check_name"] == "RB304"
    assert first["description"].startswith("RB304: the plan claims 8m and takes 9m")
    assert first["location"] == {"path": "plans/ä b.rbplan", "lines": {"begin": 2, "end": 2}}
    severities = [first["severity"], *(other["severity"] for other in others)]
    assert severities == ["critical", "major", "info", "minor"]


def test_fingerprints_are_unique_and_stay_when_lines_move() -> None:
    before = [issue["fingerprint"] for issue in issues(many(5))]
    assert len(set(before)) == 5
    source = Source("a.rbplan", "\n\n   claims 8m\n")
    moved = CLAIMED.at(source.span(5, 11), "other words")
    assert issues(Findings((moved,)))[0]["fingerprint"] == before[0]
    source = Source("b.rbplan", "claims 8m\n")
    elsewhere = CLAIMED.at(source.span(0, 6), "finding 1")
    assert issues(Findings((elsewhere,)))[0]["fingerprint"] != before[0]


def test_nothing_and_anything() -> None:
    assert render(Findings(())) == "[]\n"
    assert len(issues(hostile())) == 1
