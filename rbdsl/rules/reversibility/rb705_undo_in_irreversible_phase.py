"""A phase is `irreversible`, and one of its steps has an `undo`.

## Why

Once such a phase has begun, the run can only go forward. Either the step can be undone, and then
the phase may be split at what can't; or the `undo` is a promise that does not hold.

## Bad

```rbplan
phase apply "Apply" {
  budget 3m
  irreversible
  step apply "Apply" { run `./apply.sh`; undo `./unapply.sh` }
}
```

## Good

```rbplan
phase apply "Apply" {
  budget 3m
  irreversible
  step apply "Apply" { run `./apply.sh` }
}
```

## How it can be fooled

It can't be.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB705", "undo-in-irreversible-phase", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such step."""
    for phase in context.plan.phases:
        for step in phase.all_steps if phase.irreversible else ():
            if step.undo and phase.irreversible:
                yield CODE.at(
                    step.undo.span,
                    f"step `{step.name}` has an `undo`, in the irreversible phase `{phase.name}`",
                    labels=(Label(phase.irreversible, "once begun, the run can only go forward"),),
                    hint="move the step into a phase of its own, or remove one of the two",
                )
