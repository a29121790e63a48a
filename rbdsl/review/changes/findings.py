"""Findings that came and went, and what the plan newly allows itself.

A finding is the same one where rule, step and message are, wherever its line is. What the level
demands (RB4…) is told as requirements, see `level`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator

from rbdsl.compiler import Checked
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.model.plan import Plan
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.wording import named
from rbdsl.rules.registry import allowances, destroys
from rbdsl.rules.suppression import Suppression
from rbdsl.source import Span

_TOLD_AS_REQUIREMENTS = re.compile(r"RB4\d\d")


def findings(old: Checked, new: Checked, renamed: dict[str, str]) -> Iterator[Change]:
    """What `rbc check` says now and did not, and the other way round."""
    was = _by_identity(old, renamed)
    now = _by_identity(new, {})
    for key, found in now.items():
        for diagnostic in found[len(was.get(key, ())) :]:
            yield _gained(diagnostic, key[1])
    for key, found in was.items():
        for diagnostic in found[len(now.get(key, ())) :]:
            yield Place(key[1] or "plan", diagnostic.span).stronger(
                "finding-gone", f"{diagnostic.code} is gone: {diagnostic.message}"
            )
    yield from _allowed(old, new, renamed)


def _gained(diagnostic: Diagnostic, where: str) -> Change:
    place = Place(where or "plan", diagnostic.span)
    if destroys(diagnostic.code):
        return place.weaker(
            "destructive-command",
            f"new destructive command ({diagnostic.code}): {diagnostic.message}",
            "what it destroys does not come back by itself",
        )
    what = f"{diagnostic.code}: {diagnostic.message}"
    if diagnostic.severity in {Severity.ERROR, Severity.WARNING}:
        return place.weaker("finding-new", what, f"a new {diagnostic.severity}")
    return place.neutral("finding-new", what, "a new remark")


def _by_identity(
    checked: Checked, renamed: dict[str, str]
) -> dict[tuple[str, str], list[Diagnostic]]:
    """The findings by rule and place; of the same number in both versions nothing is new.

    So a message whose numbers have changed is no new finding: the numbers are told as changes.
    """
    found: dict[tuple[str, str], list[Diagnostic]] = {}
    headings = sorted(_headings(checked.plan)) if checked.plan else []
    for diagnostic in checked.diagnostics:
        if diagnostic.severity is Severity.PEDANTIC or _TOLD_AS_REQUIREMENTS.match(diagnostic.code):
            continue
        where = _where(checked, diagnostic.span, headings)
        key = (diagnostic.code, renamed.get(where, where))
        found.setdefault(key, []).append(diagnostic)
    return found


def _where(checked: Checked, span: Span, headings: list[tuple[int, str]] | None = None) -> str:
    """The step, check or block that a place is in: under the last heading above it."""
    if span.source is not checked.source:
        return f"module `{span.source.path}`"
    if checked.plan is None:
        return ""
    found = sorted(_headings(checked.plan)) if headings is None else headings
    at = bisect_right(found, span.start, key=lambda heading: heading[0])
    return found[at - 1][1] if at else ""


def _headings(plan: Plan) -> Iterator[tuple[int, str]]:
    """Where each part of the plan begins, with the words for it."""
    for phase in plan.phases:
        yield phase.name.span.start, f"phase {named(phase.name)}"
        for step in phase.all_steps:
            yield step.name.span.start, f"phase {named(phase.name)}, step {named(step.name)}"
        for gate in phase.gates:
            yield gate.span.start, f"phase {named(phase.name)}, gate “{gate.title}”"
    if plan.capture:
        for step in plan.capture.steps:
            yield step.name.span.start, f"capture, step {named(step.name)}"
    if plan.verification:
        for check in plan.verification.checks:
            yield check.name.span.start, f"verification, check {named(check.name)}"
    for scenario in plan.scenarios:
        yield scenario.name.span.start, f"scenario {named(scenario.name)}"
    for point in plan.points_of_no_return:
        yield point.name.span.start, f"point of no return {named(point.name)}"
    for words, blocks in (
        ("capture", [plan.capture]),
        ("verification", [plan.verification]),
        ("triggers", [plan.triggers]),
        ("testing", [plan.testing]),
        ("people", [plan.communications, *plan.escalation[:1], *plan.validation[:1]]),
        ("regions", [plan.regions]),
        ("plan", [plan.archive, *plan.hooks, *plan.metric_sources, *plan.variables]),
    ):
        yield from ((block.span.start, words) for block in blocks if block)


def _allowed(old: Checked, new: Checked, renamed: dict[str, str]) -> Iterator[Change]:
    """Comments that take findings out."""
    was = Counter(_identity(old, entry, renamed) for entry in _entries(old))
    for entry in _entries(new):
        key = _identity(new, entry, {})
        if was[key]:
            was[key] -= 1
            continue
        where = "in the whole file" if entry.line is None else "here"
        yield Place(key[1] or "plan", entry.span).weaker(
            "suppression-added",
            f"{entry.code} is allowed {where}",
            f"{_reason(entry)}",
        )
    for (code, where, _), count in was.items():
        for _ in range(count):
            yield Place(where or "plan").stronger(
                "suppression-removed", f"{code} is not allowed any more"
            )


def _entries(checked: Checked) -> Iterable[Suppression]:
    return allowances(checked.source)


def _identity(
    checked: Checked, entry: Suppression, renamed: dict[str, str]
) -> tuple[str, str, bool]:
    source = checked.source
    span = entry.span
    if entry.line is not None:
        start = source.line_starts[entry.line - 1]
        line = source.line(entry.line)
        first = start + len(line) - len(line.lstrip())
        span = source.span(first, first)
    where = _where(checked, span)
    return entry.code, renamed.get(where, where), entry.line is None


def _reason(entry: Suppression) -> str:
    found = re.search(r'"([^"]*)"', entry.span.text)
    return f"the plan says: “{found[1].strip()}”" if found else "without a reason"
