"""Each rule reports what its fixture says, at those lines, and nothing else of its family."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rbdsl.analysis.policy import parse_policies
from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic
from rbdsl.project.files import decode
from rbdsl.rules.registry import Rule, all_rules
from rbdsl.source import Source
from tests.checking import MemoryLoader, shipped_policies
from tests.rules.fixtures import Case, Expected, fixtures, read_cases

FIXTURE = "fixture.rbplan"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODULES = {
    "k8s.rbplan": (
        'rbplan 1\nmodule "K"\nstep scale(replicas: int) "Scale" { run `k "$replicas"` }\n'
    ),
    "one.rbplan": 'rbplan 1\nuse "two.rbplan" as two\nmodule "One"\n',
    "two.rbplan": 'rbplan 1\nuse "one.rbplan" as one\nmodule "Two"\n',
}

ALONE = {rule.code.id for rule in all_rules() if rule.family == "level"} | {"RB108"}
"""Rules whose findings come with many of the same family: small plans prove little of a level."""

CASES = [
    pytest.param(rule, case, id=f"{rule.code.id}-line{case.line}")
    for rule in all_rules()
    for case in read_cases(rule.code.id)
]


def findings(text: str) -> tuple[Diagnostic, ...]:
    """What the compiler says of a plan on 1 January 2026."""
    source = Source(FIXTURE, text)
    return check(source, MemoryLoader(MODULES), shipped_policies(), NOW).diagnostics


def findings_of(case: Case) -> tuple[Diagnostic, ...]:
    """The same for the plan or the level policies of a fixture, read from their bytes."""
    source, unreadable = decode(case.data, FIXTURE)
    if source is None:
        return (unreadable,) if unreadable else ()
    return tuple(parse_policies(source)[1]) if case.kind == ".toml" else findings(source.text)


def matches(expected: Expected, diagnostic: Diagnostic) -> bool:
    """Whether a finding is the expected one: code, file, line and part of the message."""
    path = diagnostic.span.source.path
    return (
        diagnostic.code == expected.code
        and path == (expected.path or FIXTURE)
        and diagnostic.span.begin.line == expected.line
        and expected.part in diagnostic.message
    )


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_fixture(rule: Rule, case: Case) -> None:
    family = {r.code.id for r in all_rules() if r.family == rule.family}
    judged = {rule.code.id} if rule.code.id in ALONE else family
    judged |= {expected.code for expected in case.expected}
    found = [d for d in findings_of(case) if d.code in judged]
    unexpected = [
        f"{case.line + d.span.begin.line - 1}: {d.code} {d.message}"
        for d in found
        if not any(matches(expected, d) for expected in case.expected)
    ]
    missing = [
        f"{case.line + expected.line - 1}: {expected.code} {expected.part}"
        for expected in case.expected
        if not any(matches(expected, d) for d in found)
    ]
    assert (unexpected, missing) == ([], [])


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code.id)
def test_every_rule_has_a_bad_and_a_tempting_plan(rule: Rule) -> None:
    cases = read_cases(rule.code.id)
    bad = [c for c in cases if any(e.code == rule.code.id for e in c.expected)]
    good = [c for c in cases if not any(e.code == rule.code.id for e in c.expected)]
    assert bad, f"no plan in the fixture of {rule.code.id} triggers the rule"
    assert good, f"no plan in the fixture of {rule.code.id} is spared by the rule"


def test_every_fixture_belongs_to_a_rule() -> None:
    codes = {rule.code.id.lower() for rule in all_rules()}
    assert {path.stem for path in fixtures()} <= codes
