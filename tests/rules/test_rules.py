"""Each rule reports what its fixture says, at those lines, and nothing else of its family."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic
from rbdsl.rules.registry import Rule, all_rules
from rbdsl.source import Source
from tests.checking import MemoryLoader, shipped_policies
from tests.rules.fixtures import Case, fixture_path, read_cases

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODULES = {
    "k8s.rbplan": 'rbplan 1\nmodule "K"\nstep scale(replicas: int) "Scale" {\n  run `k "$replicas"`\n}\n',
    "one.rbplan": 'rbplan 1\nuse "two.rbplan" as two\nmodule "One"\n',
    "two.rbplan": 'rbplan 1\nuse "one.rbplan" as one\nmodule "Two"\n',
}

CASES = [
    pytest.param(rule, case, id=f"{rule.code.id}-line{case.line}")
    for rule in all_rules()
    if fixture_path(rule.code.id).exists()
    for case in read_cases(fixture_path(rule.code.id))
]


def findings(text: str) -> tuple[Diagnostic, ...]:
    """What the compiler says of a plan on 1 January 2026."""
    source = Source("fixture.rbplan", text)
    return check(source, MemoryLoader(MODULES), shipped_policies(), NOW).diagnostics


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_fixture(rule: Rule, case: Case) -> None:
    # A plan of level 3 that proves nothing has a dozen findings of that family.
    family = rule.code.id if rule.family == "level" else rule.code.id[:3]
    found = [d for d in findings(case.text) if d.code.startswith(family)]
    unexpected = [
        f"{case.line + d.span.begin.line - 1}: {d.code} {d.message}"
        for d in found
        if not any(
            e.code == d.code and e.line == d.span.begin.line and e.part in d.message
            for e in case.expected
        )
    ]
    missing = [
        f"{case.line + e.line - 1}: {e.code} {e.part}"
        for e in case.expected
        if not any(
            e.code == d.code and e.line == d.span.begin.line and e.part in d.message for d in found
        )
    ]
    assert (unexpected, missing) == ([], [])


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code.id)
def test_every_rule_has_a_bad_and_a_tempting_plan(rule: Rule) -> None:
    cases = read_cases(fixture_path(rule.code.id)) if fixture_path(rule.code.id).exists() else []
    bad = [c for c in cases if any(e.code == rule.code.id for e in c.expected)]
    good = [c for c in cases if not any(e.code == rule.code.id for e in c.expected)]
    assert bad, f"no plan in {fixture_path(rule.code.id).name} triggers the rule"
    assert good, f"no plan in {fixture_path(rule.code.id).name} is spared by the rule"
