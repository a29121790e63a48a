"""A check leaves out only rules that have nothing to say of the plan, and loads no more of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import pytest

from rbdsl.analysis.calls import Call
from rbdsl.compiler import examine
from rbdsl.diagnostics import Diagnostic
from rbdsl.model.plan import Plan
from rbdsl.rules.context import Context
from rbdsl.rules.needs import PARTS, may_concern
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.registry import Rule, all_rules, run
from rbdsl.source import Source
from tests.checking import MemoryLoader, shipped_policies
from tests.rules.fixtures import fixtures, read_cases
from tests.rules.test_rules import MODULES, NOW

ROOT = Path(__file__).parents[2]
ASKED = [r for r in all_rules() if r.check and r.family not in ("syntax", "names")]
NEEDY = [rule for rule in ASKED if rule.needs is not None]


def context(text: str) -> Context | None:
    return examine(Source("a.rbplan", text), MemoryLoader(MODULES), shipped_policies(), NOW).context


@cache
def contexts_of(code: str) -> tuple[Context, ...]:
    """The plans in the fixture of a rule, as far as rules get to see them."""
    texts = [c.data.decode() for c in read_cases(code) if c.kind == ".rbplan"]
    return tuple(found for text in texts if (found := context(text)))


def contexts() -> Iterator[Context]:
    """All plans of fixtures, of the corpus and of the examples."""
    for path in fixtures():
        yield from contexts_of(path.stem.upper())
    for folder in ("tests/corpus", "examples"):
        for path in sorted((ROOT / folder).glob("**/*.rbplan")):
            found = context(path.read_text("utf-8"))
            if found:
                yield found


def findings(rule: Rule, context: Context) -> list[Diagnostic]:
    return list(rule.check(context)) if rule.check else []


def test_what_is_left_out_has_nothing_to_say_of_any_plan() -> None:
    left_out = 0
    for context in contexts():
        for rule in NEEDY:
            if not may_concern(rule.module.rpartition(".")[2], context.holds):
                left_out += 1
                missed = [f"{d.code} {d.message}" for d in findings(rule, context)]
                assert missed == [], f"PROGRAMS or PARTS of {rule.module} lack something"
    assert left_out > 50_000


@pytest.mark.parametrize("code", ["RB301", "RB528", "RB610", "RB866", "RB971"])
def test_a_plan_has_the_findings_that_all_rules_have(code: str) -> None:
    for found in contexts_of(code):
        of_all = [d for rule in ASKED for d in findings(rule, found)]
        assert sorted(map(repr, run(found))) == sorted(map(repr, of_all))


@pytest.mark.parametrize(
    "rule", [r for r in NEEDY if r.family != "level"], ids=lambda rule: rule.code.id
)
def test_a_rule_names_all_that_it_is_about(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the calls of its programs, a plan in which it finds something is one without."""
    bad = [c for c in contexts_of(rule.code.id) if findings(rule, c)]
    needed = rule.needs or frozenset()

    def without(place: Place) -> tuple[PlacedCall, ...]:
        return tuple(p for p in all_calls(place) if needed.isdisjoint(_first(p.call)))

    all_calls, others = vars(Place)["calls"].func, cached_property(without)
    others.__set_name__(Place, "calls")
    monkeypatch.setattr(Place, "calls", others)
    for found in bad:
        if all(not getattr(found.plan, part) for part in PARTS if f".{part}" in needed):
            assert findings(rule, Context(found.plan, found.analysis, NOW)) == []
        assert not needed.isdisjoint(found.holds)


def _first(call: Call) -> list[str]:
    return [words[0].text.rpartition("/")[2] for words in (call.words, *call.wrappers)]


def test_needs_are_programs_by_their_names_and_parts_of_plans() -> None:
    for rule in NEEDY:
        for name in rule.needs or ():
            if rule.family == "level":
                assert name == rule.code.id
            elif name.startswith("."):
                assert name[1:] in PARTS, f"{rule.module} names `{name[1:]}`"
            else:
                # A text in place of a tuple would give letters; `:` is the name of a program.
                assert len(name) > 1 or name == ":", f"{rule.module}: PROGRAMS is to hold names"
    assert all(hasattr(Plan, part) for part in PARTS)
