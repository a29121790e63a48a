"""Findings inside of the library that comes with rbc, at the place of the plan that uses it.

Nobody who writes a plan can change `std/kubernetes`; what he gives to it he can. So the call is
shown, and a note names the line of the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rbdsl.diagnostics import Diagnostic, Label
from rbdsl.model.plan import Plan
from rbdsl.source import Span

_LIBRARY = "std/"
_WIDEST = 60
"""Characters of a line of the library that are shown."""

Use = tuple[str, Span, tuple[Span, ...]]
"""The name of a part of the plan, where the plan calls it, and what it is made of."""


def at_use(found: Iterable[Diagnostic], plan: Plan) -> list[Diagnostic]:
    """The findings, those in the library where the plan uses what they are about."""
    kept = list(found)
    if not any(_is_library(one.span) for one in kept):
        return kept
    uses = list(_uses(plan))
    return [_moved(one, uses) if _is_library(one.span) else one for one in kept]


def _moved(found: Diagnostic, uses: Sequence[Use]) -> Diagnostic:
    own = found.span
    fitting = [use for use in uses if any(_encloses(part, own) for part in use[2])]
    if not fitting:
        return found
    named = [use for use in fitting if f"`{use[0]}`" in found.message]
    call, *others = dict.fromkeys(use[1] for use in named[:1] or fitting)
    line = own.source.position(own.start).line
    code = own.source.line(line).strip()
    shown = code if len(code) <= _WIDEST else f"{code[: _WIDEST - 1].rstrip()}…"
    note = f"it is about line {line} of `{own.source.path}`: {shown}"
    labels = tuple(label for label in found.labels if not _is_library(label.span))
    labels += tuple(Label(other, "and here") for other in others)
    return replace(found, span=call, labels=labels, notes=(*found.notes, note), fix=None)


def _uses(plan: Plan) -> Iterator[Use]:
    """What a plan has from the library: its steps, those of its phases, its checks."""
    for phase in plan.phases:
        for step in phase.all_steps:
            place = next(
                (s for s in (step.call, step.name.span, phase.name.span) if _is_own(s)), None
            )
            if place:
                yield step.name.text, place, (step.span, *(shell.span for shell in step.shells))
    inside = {id(step) for phase in plan.phases for step in phase.all_steps}
    for step in plan.steps():
        if id(step) not in inside and step.call and _is_own(step.call):
            yield step.name.text, step.call, tuple(shell.span for shell in step.shells)
    for check in plan.verification.checks if plan.verification else ():
        if _is_own(check.span):
            parts = tuple(one.shell.span for one in check.expectations)
            yield check.title.plain, check.span, parts


def _is_library(span: Span) -> bool:
    return span.source.path.startswith(_LIBRARY)


def _is_own(span: Span | None) -> bool:
    return span is not None and not _is_library(span)


def _encloses(part: Span, own: Span) -> bool:
    return part.source is own.source and part.start <= own.start < part.end
