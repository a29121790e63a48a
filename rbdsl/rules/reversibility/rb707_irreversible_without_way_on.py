"""A phase is `irreversible`, and nothing says what to do if it fails.

The plan has neither a forward fix nor an escalation ladder.

## Why

After it has begun there is no way back, and if it fails there is no way on either. Somebody will
have to invent one with the system half changed.

## Bad

```rbplan
phase apply "Apply" { budget 3m; irreversible; step apply "Apply" { run `./apply.sh` } }
```

## Good

```rbplan
phase apply "Apply" { budget 3m; irreversible; step apply "Apply" { run `./apply.sh` } }
escalation {
  rung "Apply failed" 0m..15m { contact "sre-lead"; do "Apply the last known state by hand" }
}
```

## How it can be fooled

By a ladder that says nothing about this phase.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context

CODE = Code("RB707", "irreversible-without-way-on", Severity.INFO)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase."""
    plan = context.plan
    if plan.escalation or any(point.forward_fix for point in plan.points_of_no_return):
        return
    for phase in plan.phases:
        if phase.irreversible:
            yield CODE.at(
                phase.irreversible,
                f"phase `{phase.name}` can't be taken back, and nothing says what to do if "
                "it fails",
                hint="add a `point_of_no_return` with a `forward_fix`, or an `escalation`",
            )
