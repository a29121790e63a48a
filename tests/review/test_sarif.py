"""SARIF: valid by the official schema, and with all that code scanning makes use of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from rbdsl.diagnostics import Code, Severity
from rbdsl.review.findings import Findings
from rbdsl.review.sarif import render
from rbdsl.rules.registry import all_rules
from rbdsl.source import Source
from tests.review.reporting import hostile, many, mixed

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json").read_text("utf-8"))


def run_of(findings: Findings) -> dict[str, Any]:
    text = render(findings)
    assert text.isascii()
    log = json.loads(text)
    Draft4Validator(SCHEMA, format_checker=FormatChecker()).validate(log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def test_every_rule_makes_a_valid_log() -> None:
    source = Source("a.rbplan", "rbplan 1\n")
    found = [rule.code.at(source.span(0, 6), "found") for rule in all_rules()]
    run = run_of(Findings(tuple(found)))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule.code.id for rule in all_rules())
    assert all("## Why" in rule["help"]["markdown"] for rule in rules)
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


def test_places_are_in_characters_and_paths_are_uris() -> None:
    run = run_of(mixed())
    assert run["columnKind"] == "unicodeCodePoints"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "plans/%C3%A4%20b.rbplan", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 37, "endLine": 2, "endColumn": 39}
    (other,) = run["results"][0]["relatedLocations"]
    assert other["message"] == {"text": "used here"}
    assert other["physicalLocation"]["region"]["startLine"] == 2


def test_an_absolute_path_is_a_file_uri() -> None:
    place = run_of(mixed("/srv/ä.rbplan"))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///srv/%C3%A4.rbplan"}


def test_severities_messages_and_the_address_of_another_program() -> None:
    run = run_of(mixed())
    levels = {r["ruleId"]: r["level"] for r in run["results"]}
    assert levels == {"RB304": "error", "RB910": "warning", "RB502": "note", "SC2086": "note"}
    assert run["results"][0]["message"]["text"].splitlines() == [
        "the plan claims 8m and takes 9m: 3m + 6m = 9m",
        "1m short",
        "critical path: a 3m + b 6m = 9m",
        "hint: write `claims 9m`",
    ]
    foreign = run["tool"]["driver"]["rules"][-1]
    assert foreign["helpUri"] == "https://www.shellcheck.net/wiki/SC2086"


def test_a_suppressed_finding_is_a_result_with_its_reason() -> None:
    results = run_of(mixed())["results"]
    assert [r["suppressions"] for r in results[:-1]] == [[]] * 4
    assert results[-1]["message"]["text"] == "and allowed"
    assert results[-1]["suppressions"] == [
        {"kind": "inSource", "justification": "it is right here"}
    ]


def test_fixes_replace_and_insert() -> None:
    results = run_of(mixed())["results"]
    (change,) = results[0]["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 37, "endLine": 2, "endColumn": 39},
            "insertedContent": {"text": "9m"},
        }
    ]
    (removal,) = results[1]["fixes"][0]["artifactChanges"][0]["replacements"]
    assert "insertedContent" not in removal
    (quotes,) = results[3]["fixes"][0]["artifactChanges"]
    assert [r["insertedContent"]["text"] for r in quotes["replacements"]] == ['"', '"']


def marks(text: str) -> list[str]:
    source = Source("a.rbplan", text)
    code = Code("RB306", "x", Severity.ERROR)
    spans = [i for i in range(len(text)) if text.startswith("budget", i)]
    found = tuple(code.at(source.span(at, at + 6), f"found at {at}") for at in spans)
    return [
        r["partialFingerprints"]["primaryLocationLineHash"]
        for r in run_of(Findings(found))["results"]
    ]


def test_fingerprints_stay_when_lines_move_and_differ_within_a_file() -> None:
    before = marks("budget 1m\nbudget 1m\nbudget 2m\n")
    assert len(set(before)) == 3
    assert marks("\n# new\n  budget   1m\n\n\tbudget 1m\n\nbudget 2m\n") == before
    assert marks("budget 3m\n")[0] not in before


def test_a_file_that_could_not_be_read_has_no_region() -> None:
    found = Code("RB100", "unreadable", Severity.ERROR).at(Source("x", "").span(0, 0), "no file")
    (result,) = run_of(Findings((found,)))["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    "findings", [Findings(()), hostile(), many(30)], ids=["none", "hostile", "many"]
)
def test_any_findings_are_valid(findings: Findings) -> None:
    assert len(run_of(findings)["results"]) == len(findings.diagnostics)


def test_a_message_holds_neither_placeholders_nor_links() -> None:
    code = Code("RB306", "x", Severity.ERROR)
    found = code.at(Source("x", "abc").span(0, 1), "`${a[1]}` and {0}, [b](http://x)")
    (result,) = run_of(Findings((found,)))["results"]
    assert result["message"]["text"] == "`${{a[1]}}` and {{0}}, \\[b](http://x)"
