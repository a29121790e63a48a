"""A phase may take longer than its budget if its steps use their timeouts and retries.

## Why

The budget is what the SLA was computed with. `timeout 2m` with `retry 2` is a licence to run for
6 minutes; in a phase of 3 minutes one of the two numbers is not meant.

## Bad

```rbplan
phase restore "Restore" {
  budget 3m
  step load "Load the dump" { timeout 2m; retry 2 every 10s; run `./load.sh` }
}
```

## Good

```rbplan
phase restore "Restore" {
  budget 5m
  step load "Load the dump" { timeout 2m; retry 1 every 10s; run `./load.sh` }
}
```

## How it can be fooled

A step without a timeout counts as what is left of the budget, so a plan without any timeout has
nothing to report here; RB308 asks for them. Nor is a phase reported only for what its `done_when`
and single expectations may take, each as long as its step: they seldom do, and the phase is stopped
when its budget is used up. Where a phase is reported, they are in its figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.analysis.worst_case import allowed_in_phase_ms, allowed_ms, ensure_ms
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Gate, Item, Manual, Step, Verify
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.sums import shortened
from rbdsl.rules.time.rb310_takes_over_budget import expected_ms

CODE = Code("RB306", "worst-case-over-budget", Severity.WARNING)
_MOST = 8
"""So many steps are pointed at."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase of the full run."""
    for entry in context.analysis.timeline.phases:
        phase = entry.phase
        allowed = allowed_in_phase_ms(phase, context.plan.verification)
        if allowed <= phase.budget.ms or expected_ms(phase) > phase.budget.ms:
            continue  # a budget that is too small on a good day is RB310
        terms = list(_terms(context, phase))
        sums = [term.text for term in terms]
        asking = entry.worst_ms - sum(term.ms for term in terms)
        if asking > 0:
            sums.append(f"{show_ms(asking)} of questions")
        yield CODE.at(
            phase.budget.span,
            f"phase `{phase.name}` may take {show_ms(entry.worst_ms)}, "
            f"{show_ms(entry.worst_ms - phase.budget.ms)} more than its budget of {phase.budget}",
            labels=_longest(terms),
            notes=(f"at worst: {' + '.join(shortened(sums))}",),
            hint="allow less time or fewer attempts, or raise the budget to "
            f"{show_ms(entry.worst_ms)}",
        )


class _Term(NamedTuple):
    label: Label
    text: str
    ms: int


def _longest(terms: list[_Term]) -> list[Label]:
    """The labels of the few that take the longest, in the order of the plan."""
    most = sorted(terms, key=lambda term: -term.ms)[:_MOST]
    return [term.label for term in terms if term in most]


def _terms(context: Context, phase: Phase) -> Iterator[_Term]:
    """What each item counts for in the worst case, with its place."""
    counted: list[tuple[Item, int]] = [
        (item, allowed_ms(item, context.plan.verification)) for item in phase.items
    ]
    counted += [(step, ensure_ms(step, phase)) for step in phase.ensure]
    for item, ms in counted:
        if not ms:
            continue
        if isinstance(item, Verify):
            label = Label(item.span, f"at worst {show_ms(ms)}")
            yield _Term(label, f"verification {show_ms(ms)}", ms)
            continue
        label = Label(item.name.span, f"at worst {show_ms(ms)}")
        yield _Term(label, f"{item.name} {_product(item, ms)}", ms)


def _product(item: Step | Gate | Manual, ms: int) -> str:
    """`(2m × 3 + 10s × 2 = 6m20s)` where a step is tried more than once, else the time."""
    if not isinstance(item, Step) or not item.retry:
        return show_ms(ms)
    pauses = item.retry.delay_ms * item.retry.count
    attempt = show_ms((ms - pauses) // item.attempts)
    between = f" + {item.retry.delay} × {item.retry.count}" if pauses else ""
    return f"({attempt} × {item.attempts}{between} = {show_ms(ms)})"
