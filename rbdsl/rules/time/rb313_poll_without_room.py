"""An expectation or metric bound is to be asked again, but there is no time for it.

`every` (5 s unless stated) is longer than `within`, or `within` is longer than the `timeout` of
the phase that the expectation is asked in.

## Why

`within 5s every 10s` is asked at once, and a second and last time when the 5 seconds are over:
nothing is waited for in steps of 10. And a poll of 5 minutes in a phase that is stopped after 2
never gets to its end: the journal then shows a phase that was stopped, and not an expectation that
did not come true. The `timeout` of a step or check is another matter. It limits the command and
each single question, and the time of the poll comes on top of it.

## Bad

```rbplan
phase apps "Applications" {
  budget  2m
  timeout 4m
  step api "Deploy API" {
    timeout 1m
    run `./deploy.sh api`
    expect `./health.sh` contains "healthy" within 5m every 5s
  }
}
```

## Good

```rbplan
phase apps "Applications" {
  budget  2m
  timeout 4m
  step api "Deploy API" {
    timeout 1m
    run `./deploy.sh api`
    expect `./health.sh` contains "healthy" within 60s every 5s
  }
}
```

## How it can be fooled

By a command that itself takes longer than `every`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.bounds import MetricBound
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Expectation
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB313", "poll-without-room", Severity.WARNING)

_UNSTATED_MS = 5_000
_PAUSES_MS = (30_000, 10_000, 5_000, 2_000, 1_000, 500, 100)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such expectation, of steps and of the verification."""
    plan = context.plan
    phases = {id(step): phase for phase in plan.phases for step in phase.all_steps}
    for step in plan.steps():
        phase = phases.get(id(step))
        for expectation in step.expectations:
            yield from _judge("the expectation", expectation, [phase] if phase else [])
    verifying = [phase for phase in plan.phases if phase.verifies]
    for item in plan.verification.checks if plan.verification else ():
        for expectation in item.expectations:
            yield from _judge("the expectation", expectation, verifying)
    for bound in plan.verification.bounds if plan.verification else ():
        yield from _judge("the bound", bound, verifying)


def _judge(
    what: str, asked: Expectation | MetricBound, phases: Sequence[Phase]
) -> Iterator[Diagnostic]:
    within, every = asked.within, asked.every
    if within is None:
        return
    pause_ms = every.ms if every else _UNSTATED_MS
    for phase in phases:
        limit = phase.timeout
        if limit and within.ms > limit.ms:
            yield CODE.at(
                within.span,
                f"{what} may take {within}, and phase `{phase.name}` is stopped after {limit}",
                labels=(Label(limit.span, f"the limit of phase `{phase.name}`"),),
                hint=f"wait for less than {limit}, or raise the timeout of the phase",
            )
            return
    if pause_ms > within.ms:
        shorter = next((ms for ms in _PAUSES_MS if ms * 3 <= within.ms), None)
        pause, unstated = show_ms(pause_ms), "" if every else ", which is the rule,"
        yield CODE.at(
            every.span if every else within.span,
            f"{what} is to be asked again every {pause}{unstated} and holds within {within}: it is "
            "asked at once and at the end, and not in between",
            labels=(Label(within.span, f"over after {within}"),) if every else (),
            hint=f"ask more often, e.g. `every {show_ms(shorter)}`"
            if shorter
            else f"wait for longer than {pause}",
        )
