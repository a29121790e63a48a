"""Every fix that a rule proposes for its fixture mends the finding and breaks nothing."""

from __future__ import annotations

from difflib import unified_diff
from functools import lru_cache
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

import rbdsl.rules
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.review.mending import mend
from rbdsl.rules.registry import all_rules
from tests.rules.fixtures import Case, read_cases
from tests.rules.test_rules import FIXTURE, findings

CASES = [
    pytest.param(case, id=f"{rule.code.id}-line{case.line}")
    for rule in all_rules()
    for case in read_cases(rule.code.id)
    if case.kind == ".rbplan"
]


OFFERING = sorted(
    {
        path.name[:5].upper()
        for path in Path(rbdsl.rules.__file__).parent.glob("*/rb[0-9][0-9][0-9]_*.py")
        if "fix=" in path.read_text("utf-8")
    }
    | {"RB910"}
)
"""The rules that offer fixes: those in whose module one is made, and that about suppressions."""


def plan_findings(case: Case) -> tuple[Diagnostic, ...]:
    """What is found in a plan of a fixture."""
    return _kept(case.data.decode())


@lru_cache(maxsize=64)
def _kept(text: str) -> tuple[Diagnostic, ...]:
    return findings(text)


def fixable(found: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """Those with a fix in the plan itself; fixes in the modules of the fixtures are left alone."""
    return [d for d in found if d.fix and d.fix.edits[0].span.source.path == FIXTURE]


def breakages(found: tuple[Diagnostic, ...]) -> list[str]:
    """Errors that keep a plan from being understood."""
    early = ("RB1", "RB2", "RB810")
    return [d.message for d in found if d.severity is Severity.ERROR and d.code.startswith(early)]


def errors(found: tuple[Diagnostic, ...]) -> list[str]:
    return [d.code for d in found if d.severity is Severity.ERROR]


@pytest.mark.parametrize("case", CASES)
def test_each_fix_mends_its_finding_and_breaks_nothing(case: Case) -> None:
    before = plan_findings(case)
    for diagnostic in fixable(before):
        assert diagnostic.fix
        source = diagnostic.fix.edits[0].span.source
        text, made = mend(source, [diagnostic.fix])
        after = findings(text.text)
        same = [d for d in after if (d.code, d.message) == (diagnostic.code, diagnostic.message)]
        known = [d for d in before if (d.code, d.message) == (diagnostic.code, diagnostic.message)]
        assert made == 1
        assert len(same) < len(known), text.text
        assert len(breakages(after)) <= len(breakages(before)), text.text
        if diagnostic.fix.safe:
            assert len(errors(after)) <= len(errors(before)), text.text


def written(finding: Diagnostic) -> list[str]:
    """What a fix does to the lines that it touches, with its sign in front."""
    assert finding.fix
    source = finding.fix.edits[0].span.source
    made, _ = mend(source, [finding.fix])
    lines = list(unified_diff(source.text.split("\n"), made.text.split("\n"), n=0))
    kind = "safe" if finding.fix.safe else "unsafe"
    changed = [line[0] + " " + line[1:].strip() for line in lines[2:] if line[0] in "+-"]
    return [f"{kind}: {finding.fix.description}", *changed]


@pytest.mark.parametrize("code", OFFERING)
def test_what_each_fix_writes(code: str, snapshot: SnapshotAssertion) -> None:
    found = [
        "\n".join(written(diagnostic))
        for case in read_cases(code)
        if case.kind == ".rbplan"
        for diagnostic in fixable(plan_findings(case))
        if diagnostic.code == code
    ]
    assert found, "no fix is offered for any plan of the fixture"
    assert "\n\n".join(found) == snapshot
