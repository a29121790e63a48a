"""Builds small plans for tests without going through the parser."""

# ruff: noqa: ANN401 - the fields are passed on to the constructors as they are

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from rbdsl.analysis.analyse import analyse
from rbdsl.analysis.policy import shipped_policies
from rbdsl.analysis.results import Analysis
from rbdsl.model.plan import Level, Phase, PhaseRange, Plan, Scenario
from rbdsl.model.steps import Item, Step
from rbdsl.model.values import Duration, Name, Text
from rbdsl.source import Source, Span

SOURCE = Source("test.rbplan", "")
SPAN = Span(SOURCE, 0, 0)

_UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def ms(text: str) -> int:
    return sum(int(n) * _UNITS[u] for n, u in re.findall(r"(\d+)(ms|h|m|s)", text))


def name(text: str) -> Name:
    return Name(text, SPAN)


def names(text: str) -> tuple[Name, ...]:
    return tuple(name(part) for part in text.split())


def text(value: str) -> Text:
    return Text((value,), SPAN)


def duration(value: str | int) -> Duration:
    return Duration(value if isinstance(value, int) else ms(value), SPAN)


def step(title: str, for_: str = "", **fields: Any) -> Step:
    return Step(name(title), text(title), SPAN, services=names(for_), **fields)


def phase(
    title: str,
    budget: str | int = "1m",
    *,
    after: str = "",
    needs: str = "",
    items: Sequence[Item] = (),
    off_clock: bool = False,
    run_once: bool = False,
    **fields: Any,
) -> Phase:
    return Phase(
        name(title),
        text(title),
        SPAN,
        duration(budget),
        after=names(after),
        needs=names(needs),
        items=tuple(items),
        off_clock=SPAN if off_clock else None,
        run_once=SPAN if run_once else None,
        **fields,
    )


def scenario(title: str, run: str = "", only: str = "") -> Scenario:
    """`run` is a list of names and ranges, separated by blanks."""
    parts = []
    for part in run.split():
        first, _, last = part.partition("..")
        parts.append(PhaseRange(name(first), name(last) if last else None, SPAN))
    return Scenario(name(title), text(title), SPAN, run=tuple(parts), only=names(only))


def plan(phases: Iterable[Phase], level: int = 3, **fields: Any) -> Plan:
    bare = Plan(name("p"), text("P"), SPAN, SOURCE, Level(level, SPAN), phases=tuple(phases))
    return replace(bare, **fields)


def analysed(phases: Iterable[Phase], level: int = 3, **fields: Any) -> Analysis:
    analysis, diagnostics = analyse(plan(phases, level, **fields), shipped_policies())
    assert analysis is not None, diagnostics
    return analysis


SEED_BUDGETS = {
    "preparation": "2m",
    "stop_traffic": "1m",
    "database": "3m",
    "application": "2m",
    "cache": "1m",
    "traffic": "1m",
    "verification": "2m",
    "cleanup": "2m",
}


def seed_phases(**changes: Any) -> list[Phase]:
    """The eight phases of the API v2.1 plan, one after another."""
    chain: list[Phase] = []
    for title, budget in SEED_BUDGETS.items():
        before = chain[-1].name.text if chain else ""
        chain.append(phase(title, budget, after=before, **changes.get(title, {})))
    return chain
