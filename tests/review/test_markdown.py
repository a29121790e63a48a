"""The Markdown summary: a table and details, and nothing of a plan that does anything there."""

from __future__ import annotations

import re

import mistune
from syrupy.assertion import SnapshotAssertion

from rbdsl.review.findings import Findings
from rbdsl.review.markdown import render
from tests.review.reporting import hostile, many, mixed


def page(findings: Findings) -> str:
    """The HTML that a code host shows; raw HTML is let through, as hosts do."""
    return str(mistune.create_markdown(escape=False, plugins=["table", "url"])(render(findings)))


def test_the_summary(snapshot: SnapshotAssertion) -> None:
    assert render(mixed()) == snapshot


def test_each_finding_is_a_row_and_has_its_details() -> None:
    shown = page(mixed())
    assert shown.count("<tr>") == 1 + 4
    assert shown.count("<details>") == shown.count("</details>") == 4
    assert "<td><code>plans/ä b.rbplan:2</code></td>" in shown


def test_nothing_in_a_plan_becomes_markup() -> None:
    shown = page(hostile())
    tags = set(re.findall(r"<(\w+)", re.sub(r"<!-- -->", "", shown)))
    assert tags <= {"p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "details",
                    "summary", "pre"}  # fmt: skip
    assert shown.count("<tr>") == 2
    assert shown.count("</details>") == 1
    outside = re.sub(r"<(code|pre).*?</\1>", "", shown, flags=re.DOTALL)
    assert not re.search(r"[@#!]\w", outside), "a mention or a reference"
    assert "\x1b" not in shown


def test_long_reports_are_cut_and_say_so() -> None:
    text = render(many(120))
    assert "The first 100 of 120 are shown in the table." in text
    assert "The first 25 of 120 are shown with their source." in text
    assert len(text) < 60_000


def test_nothing_found() -> None:
    assert render(Findings((), (), ("a", "b"))) == "**rbc check:** nothing to report in 2 files\n"
