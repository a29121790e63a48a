"""An expectation is to be asked again, but there is no time for it.

`every` is not shorter than `within`, or `within` is longer than the limit of the step that it
stands in.

## Why

`within 5s every 10s` is asked once; a service that needs 6 seconds to start fails it. And a poll
of 5 minutes in a step of 2 is cut off by the step's timeout, which reads like a hang in the
journal and not like an expectation that did not come true.

## Bad

```rbplan
phase apps "Applications" {
  budget 3m
  step api "Deploy API" {
    timeout 2m
    run `./deploy.sh api`
    expect `./health.sh` contains "healthy" within 5m every 5s
  }
}
```

## Good

```rbplan
phase apps "Applications" {
  budget 3m
  step api "Deploy API" {
    timeout 2m
    run `./deploy.sh api`
    expect `./health.sh` contains "healthy" within 60s every 5s
  }
}
```

## How it can be fooled

By a command that itself takes longer than `every`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Expectation
from rbdsl.model.values import Duration
from rbdsl.rules.context import Context

CODE = Code("RB313", "poll-without-room", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such expectation, of steps and of the verification."""
    plan = context.plan
    for step in plan.steps():
        for expectation in step.expectations:
            yield from _judge(expectation, step.timeout, f"step `{step.name}`")
    for item in plan.verification.checks if plan.verification else ():
        for expectation in item.expectations:
            yield from _judge(expectation, item.timeout, f"check `{item.name}`")


def _judge(expectation: Expectation, limit: Duration | None, owner: str) -> Iterator[Diagnostic]:
    within, every = expectation.within, expectation.every
    if within and limit and within.ms > limit.ms:
        yield CODE.at(
            within.span,
            f"the expectation may take {within}, and {owner} is stopped after {limit}",
            labels=(Label(limit.span, f"the limit of {owner}"),),
            hint=f"wait for less than {limit}, or raise the timeout",
        )
    elif within and every and every.ms >= within.ms:
        yield CODE.at(
            every.span,
            f"asked every {every} within {within}, the expectation is asked only once",
            labels=(Label(within.span, f"over after {within}"),),
            hint="ask more often than that, e.g. `every 5s`",
        )
