"""A phase has no order to any other phase, so it starts at once.

## Why

Phases do not run in the order in which they are written, but as `after` and `needs` say. A
cleanup that forgets its `after` begins with the first minute of the rollback, beside the
preparation.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase cleanup "Cleanup" { budget 2m; step delete "Delete" { run `./delete.sh` } }
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase cleanup "Cleanup" { after database; budget 2m; step delete "Delete" { run `./delete.sh` } }
```

## How it can be fooled

A plan without any order at all is not reported: there, running all at once may be the point.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB504", "unordered-phase", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each phase on its own beside others that have an order."""
    phases = context.plan.phases
    alone = alone_phases(context)
    if len(alone) == len(phases):
        return
    for position, phase in enumerate(phases):
        if phase.name.text not in alone:
            continue
        before = phases[position - 1] if position else None
        yield CODE.at(
            phase.name.span,
            f"phase `{phase.name}` has no order to any other phase: it starts at once, "
            "beside the first one",
            labels=(Label(before.name.span, "written before it, which is no order"),)
            if before
            else (),
            hint=f"say `after {before.name}` in it" if before else "say what comes after it",
        )


def alone_phases(context: Context) -> set[str]:
    """The names of the phases that neither wait for another nor are waited for."""
    waiting = {p.name.text for p in context.plan.phases if p.after or p.needs}
    waited_for = {n.text for p in context.plan.phases for n in (*p.after, *p.needs)}
    return {p.name.text for p in context.plan.phases} - waiting - waited_for
