"""JUnit: valid by the schema that Jenkins' plugin has, and failing where the exit code fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from rbdsl.review.findings import Findings
from rbdsl.review.junit import render
from tests.review.reporting import UNUSED, hostile, many, mixed

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas/junit-10.xsd"))


def suites(findings: Findings) -> dict[str, ET.Element]:
    text = render(findings)
    assert text.isascii()
    SCHEMA.validate(text.split("\n", 1)[1])
    return {str(suite.get("name")): suite for suite in ET.fromstring(text.encode())}  # noqa: S314 - ours


def test_each_file_is_a_suite_with_its_failures() -> None:
    found = suites(mixed())
    bad, good = found["./plans/ä b.rbplan"], found["plans/good.rbplan"]
    assert (bad.get("tests"), bad.get("failures")) == ("4", "1")
    (failure,) = bad.iter("failure")
    assert failure.get("message") == "the plan claims 8m and takes 9m: 3m + 6m = 9m"
    assert str(failure.text).splitlines() == [
        "./plans/ä b.rbplan:2:37",
        "the plan claims 8m and takes 9m: 3m + 6m = 9m",
        "1m short",
        "critical path: a 3m + b 6m = 9m",
        "hint: write `claims 9m`",
    ]
    assert (good.get("tests"), good.get("failures")) == ("1", "0")


def test_warnings_fail_where_they_make_rbc_fail() -> None:
    relaxed = many(2, UNUSED)
    (suite,) = suites(relaxed).values()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "0")
    assert len(list(suite.iter("system-out"))) == 2
    (suite,) = suites(replace(relaxed, strict=True)).values()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "2")


@pytest.mark.parametrize("findings", [Findings(()), hostile()], ids=["none", "hostile"])
def test_any_findings_are_valid(findings: Findings) -> None:
    suites(findings)
