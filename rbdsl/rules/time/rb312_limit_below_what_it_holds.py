"""A phase or the plan is stopped before the time that is meant for it is over.

Only a warning for a step whose own timeout is longer than that of its phase.

## Why

A phase `timeout` below its budget, or below the timeout of one of its steps, and a plan `timeout`
below the computed time of the rollback, kill work that is on schedule. The outer limit always
wins, whatever the inner one says.

## Bad

```rbplan
phase restore "Restore" {
  budget 5m
  timeout 3m
  step load "Load the dump" { timeout 2m; run `./load.sh` }
}
```

## Good

```rbplan
phase restore "Restore" {
  budget 5m
  timeout 8m
  step load "Load the dump" { timeout 5m; run `./load.sh` }
}
```

## How it can be fooled

Steps whose timeouts fit one by one may not fit together; RB306 adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB312", "limit-below-what-it-holds", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such limit; a step's timeout beyond its phase's is a warning."""
    for phase in context.plan.phases:
        yield from _phase(phase)
    plan, analysis = context.plan, context.analysis
    whole = analysis.whole_ms if analysis.regions else analysis.timeline.total_ms
    if plan.timeout and plan.timeout.ms < whole:
        yield CODE.at(
            plan.timeout.span,
            f"the plan is stopped after {plan.timeout}, and its phases take {show_ms(whole)}",
            hint=f"give it at least {show_ms(whole)}",
        )


def _phase(phase: Phase) -> Iterator[Diagnostic]:
    limit = phase.timeout
    if not limit:
        return
    if limit.ms < phase.budget.ms:
        yield CODE.at(
            limit.span,
            f"phase `{phase.name}` is stopped after {limit}, before its budget of {phase.budget} "
            "is used up",
            labels=(Label(phase.budget.span, f"budget {phase.budget}"),),
            hint=f"give it at least {phase.budget}",
        )
        return
    for step in phase.all_steps:
        if step.timeout and step.timeout.ms > limit.ms:
            yield CODE.at(
                step.timeout.span,
                f"step `{step.name}` may take {step.timeout}, and its phase is stopped after "
                f"{limit}",
                labels=(Label(limit.span, f"the limit of `{phase.name}`"),),
                hint=f"shorten it to {limit} or less",
                severity=Severity.WARNING,
            )
