"""Two dates contradict each other: the plan was updated before it was created.

## Why

One of them is wrong, and the age of every test is judged by them.

## Bad

```rbplan
created 2025-12-09T10:00:00Z
updated 2025-12-08T14:00:00Z
```

## Good

```rbplan
created 2025-12-09T10:00:00Z
updated 2025-12-09T14:00:00Z
```

## How it can be fooled

By two wrong dates.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB903", "dates-out-of-order", Severity.WARNING)

PARTS = ("updated",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    created, updated = context.plan.created, context.plan.updated
    if created and updated and updated.at < created.at:
        yield CODE.at(
            updated.span,
            f"the plan was updated on {updated}, before it was created on {created}",
            labels=(Label(created.span, "created later"),),
            hint="correct one of the two",
        )
