"""Every fix that a rule proposes for its fixture mends the finding and breaks nothing."""

from __future__ import annotations

import pytest

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


def plan_findings(case: Case) -> tuple[Diagnostic, ...]:
    """What is found in a plan of a fixture."""
    return findings(case.data.decode())


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


def test_some_rules_have_fixes() -> None:
    fixed = {
        d.code for rule in all_rules() for case in read_cases(rule.code.id)
        if case.kind == ".rbplan" for d in fixable(plan_findings(case))
    }  # fmt: skip
    assert {"RB304", "RB502", "RB910"} <= fixed
