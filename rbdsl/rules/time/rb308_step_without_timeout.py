"""At level 3 and above, a step that shares its phase with others has no timeout.

## Why

A step without a timeout may use up the whole budget of its phase. One that hangs (a lock, a
prompt, a dead network) is then noticed only when the time for everything after it is gone, and a
retry comes too late. A phase's only step may do without: the phase's own limit is its timeout.

## Bad

```rbplan
level 3
phase database "Database" {
  budget 3m
  step stop "Stop writes" { run `./read-only.sh` }
  step load "Load the dump" { timeout 2m; run `./load.sh` }
}
```

## Good

```rbplan
level 3
phase database "Database" {
  budget 3m
  step stop "Stop writes" { timeout 20s; run `./read-only.sh` }
  step load "Load the dump" { timeout 2m; run `./load.sh` }
}
```

## How it can be fooled

By a timeout of an hour; RB306 compares timeouts with the budget.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Step
from rbdsl.rules.context import Context
from rbdsl.rules.sums import listed

CODE = Code("RB308", "step-without-timeout", Severity.WARNING)

_FROM_LEVEL = 3


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each phase, with a label for each of the steps."""
    if context.plan.level.number < _FROM_LEVEL:
        return
    for phase in context.plan.phases:
        steps = _unlimited(phase)
        alone = sum(step.run is not None for step in phase.steps) == 1
        if steps and (not alone or any(step.retry for step in steps)):
            yield _report(phase, steps)


def _unlimited(phase: Phase) -> list[Step]:
    return [step for step in phase.steps if step.run and not step.timeout]


def _report(phase: Phase, steps: list[Step]) -> Diagnostic:
    first, names = steps[0], listed(dict.fromkeys(step.name.text for step in steps))
    one = len(steps) == 1
    return CODE.at(
        first.name.span,
        f"{names} of phase `{phase.name}` {'has' if one else 'have'} no timeout: "
        f"{'it' if one else 'each of them'} may hang for the whole budget of {phase.budget}",
        labels=[Label(step.name.span, "no `timeout`") for step in steps],
        hint="say how long it may take at most, e.g. `timeout 30s`",
    )
