"""What a plan must have for a rule to find something: what lets a check leave the others unloaded.

A rule that is about certain programs names them, `PROGRAMS` in its module; one that is about a part
of a plan names its field, `PARTS = ("triggers",)`. A plan that calls none of the programs, runs
nothing behind one of them, and has none of the parts, can't have a finding of it. So that this is
known before the module is loaded, these names stand in a table, which is written from the modules
together with the documentation. It has a line for each of them, with a dot before the parts:
`rb884_deprecated_record: kubectl oc`, `rb610_hair_trigger: .triggers`. A rule of a level is asked
only where what it demands is not proven: `rb409_rehearsal: RB409`.

A module that is not in the table may have something to say of any plan. A line without names is
that of a module whose findings come from an earlier stage: no plan has to load it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache

from rbdsl.analysis.calls import Call
from rbdsl.analysis.results import Analysis, Status
from rbdsl.model.plan import Plan

TABLE = os.path.join(os.path.dirname(__file__), "needs.txt")
"""Read in every cold start, so it is text of which each line is split twice."""

PARTS = (
    "artifacts", "capture", "claims", "communications", "escalation", "metric_sources",
    "points_of_no_return", "regions", "scenarios", "testing", "triggers", "updated", "variables",
    "window",
)  # fmt: skip
"""The fields of a plan that rules are about, and that many plans are without."""


def held(plan: Plan, analysis: Analysis, calls: Iterable[Call]) -> frozenset[str]:
    """What a plan with some calls has of all that a rule may need, in the words of the table.

    Also the programs that others stand behind (`sudo`), and those whose folder a variable holds
    (`$BIN/psql`).
    """
    first = (words[0].text for call in calls for words in (call.words, *call.wrappers))
    programs = {text.rpartition("/")[2] for text in first}
    parts = {f".{part}" for part in PARTS if getattr(plan, part)}
    unproven = {r.code for r in analysis.requirements if r.status is not Status.PROVEN}
    return frozenset(programs | parts | unproven)


def names(programs: Iterable[str], parts: Iterable[str]) -> frozenset[str]:
    """What a rule says of itself, in the words of the table."""
    return frozenset([*programs, *(f".{part}" for part in parts)])


@cache
def needs() -> Mapping[str, frozenset[str]]:
    """What each module needs that the table has."""
    with open(TABLE, encoding="utf-8") as lines:
        parts = (line.partition(":") for line in lines)
        return {module: frozenset(needed.split()) for module, _, needed in parts}


def may_concern(module: str, holds: frozenset[str]) -> bool:
    """Whether the rule of a module may have something to say of a plan that holds this."""
    needed = needs().get(module)
    return needed is None or not needed.isdisjoint(holds)


def line(module: str, needed: frozenset[str]) -> str:
    """The line of a module in the table."""
    return f"{module}: {' '.join(sorted(needed))}".rstrip() + "\n"
