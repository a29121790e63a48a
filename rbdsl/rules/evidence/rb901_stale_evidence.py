"""A test or rehearsal is older than the last update of the plan.

## Why

What was tested is not what stands here now. The step that was added on Tuesday is the one that
fails on Friday, because the tests were on Monday.

## Bad

```rbplan
updated 2025-12-09T14:00:00Z
testing { in staging { passed 2025-12-08T10:00:00Z; took 12m } }
```

## Good

```rbplan
updated 2025-12-09T14:00:00Z
testing { in staging { passed 2025-12-09T16:00:00Z; took 12m } }
```

## How it can be fooled

By an `updated` that nobody updates.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.evidence.dates import proofs

CODE = Code("RB901", "stale-evidence", Severity.WARNING)

PARTS = ("updated",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each test and rehearsal of that kind."""
    updated = context.plan.updated
    if not updated:
        return
    for what, when in proofs(context):
        if when.at < updated.at:
            yield CODE.at(
                when.span,
                f"{what} on {when}, before the plan was last updated on {updated}",
                labels=(Label(updated.span, "changed since then"),),
                hint="do it again with the plan as it is now",
            )
