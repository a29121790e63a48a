"""The rehearsal is so close to the change window that what it finds can't be mended any more.

Needs a `window`, and a level whose policy says `rehearsal_before`: 24 hours from level 3 on.

## Why

A rehearsal finds that the second approver is missing, or that a step takes twice its budget. There
has to be time to change the plan, and to test it again, before it is needed.

## Bad

```rbplan
level 3
window 2025-12-10T22:00:00Z..2025-12-11T00:00:00Z
testing { rehearsal { held 2025-12-10T16:00:00Z; participants "Engineering", "SRE" } }
```

## Good

```rbplan
level 3
window 2025-12-10T22:00:00Z..2025-12-11T00:00:00Z
testing { rehearsal { held 2025-12-09T16:00:00Z; participants "Engineering", "SRE" } }
```

## How it can be fooled

By a window that is not the real one. A rehearsal after the beginning of the window is RB913.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB914", "late-rehearsal", Severity.WARNING)

PARTS = ("window",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    plan, policy = context.plan, context.analysis.policy
    practice = plan.testing.rehearsal if plan.testing else None
    if not plan.window or not practice:
        return
    when, start = practice.held or practice.planned, plan.window.start
    if not when or when.at >= start.at:
        return
    left_ms = (start.at - when.at) // timedelta(milliseconds=1)
    if left_ms >= policy.rehearsal_before_ms:
        return
    latest = start.at - timedelta(milliseconds=policy.rehearsal_before_ms)
    yield CODE.at(
        when.span,
        f"the rehearsal {'was held' if practice.held else 'is planned'} {show_ms(left_ms)} before "
        f"the change window, and level {policy.number} wants {show_ms(policy.rehearsal_before_ms)}",
        labels=(Label(start.span, "the change begins"),),
        hint=f"rehearse until {latest.isoformat().replace('+00:00', 'Z')}, or move the window",
    )
