"""Each rule reports what its fixture says, at those lines, and nothing else of its family."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rbdsl.analysis.policy import parse_policies
from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.project.baseline import parse_baseline
from rbdsl.project.baselines import Baselines
from rbdsl.project.configuration import Config, Override
from rbdsl.project.configuration_file import parse_configuration
from rbdsl.project.files import decode
from rbdsl.rules.registry import Rule, all_rules
from rbdsl.source import Source
from tests.checking import MemoryLoader, checked, in_plan, shipped_policies
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

PLANS = {
    "web.rbplan": in_plan("claims 5m"),
    "broken.rbplan": "rbplan 1\nplan x { budget }\n",
}
"""Plans that a baseline is about: RB304 is found in the first, and nothing can be in the second."""

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


def findings_of(code: str, case: Case, folder: Path) -> tuple[Diagnostic, ...]:
    """The same for what else a fixture holds, read from its bytes."""
    data = (
        re.sub(rb"^\s*#.*$", b"", case.data, flags=re.MULTILINE)
        if case.kind == ".json"
        else case.data
    )
    source, unreadable = decode(data, FIXTURE)
    if source is None:
        return (unreadable,) if unreadable else ()
    if case.kind in {".rbplan", ".bin"}:
        return findings(source.text)
    if code == "RB298":
        return parse_configuration(source, folder / "rbc.toml")[1]
    if code == "RB297":
        return parse_baseline(source)[1]
    if code == "RB915":
        return tuple(stale(source.text, folder))
    return tuple(parse_policies(source)[1])


def stale(text: str, folder: Path) -> list[Diagnostic]:
    """What is stale in a baseline of `web.rbplan`, which has one finding, and `broken.rbplan`."""
    (folder / FIXTURE).write_text(text)
    baselines = Baselines()
    for name, plan in PLANS.items():
        (folder / name).write_text(plan)
        config = Config(folder / name, override=Override(baseline=folder / FIXTURE))
        baselines.applied(config, checked(plan, path=name).diagnostics)
    (folder / "other.rbplan").touch()
    return baselines.stale()


def matches(expected: Expected, diagnostic: Diagnostic) -> bool:
    """Whether a finding is the expected one: code, file, line and part of the message."""
    path = diagnostic.span.source.path
    path = os.path.basename(path) if os.path.isabs(path) else path
    return (
        diagnostic.code == expected.code
        and path == (expected.path or FIXTURE)
        and diagnostic.span.begin.line == expected.line
        and expected.part in diagnostic.message
    )


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_fixture(rule: Rule, case: Case, tmp_path: Path) -> None:
    family = {r.code.id for r in all_rules() if r.family == rule.family}
    judged = {rule.code.id} if rule.code.id in ALONE else family
    judged |= {expected.code for expected in case.expected}
    all_found = findings_of(rule.code.id, case, tmp_path)
    if case.kind == ".rbplan" and rule.code.id >= "RB3":
        # A plan that can't be read shows nothing of a rule that is asked afterwards.
        judged |= {d.code for d in all_found if d.code < "RB3" and d.severity is Severity.ERROR}
    found = [d for d in all_found if d.code in judged]
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
