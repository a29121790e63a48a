"""A date that says what has happened has not come yet.

## Why

A test that "passed" tomorrow has not been run: someone filled in the form. Whatever else it
proves can't be relied on.

## Bad

```rbplan
testing { in staging { passed 2999-12-08T10:00:00Z; took 12m } }
```

## Good

```rbplan
testing { in staging { passed 2025-12-08T10:00:00Z; took 12m } }
```

## How it can be fooled

By a wrong date in the past, and by a wrong clock where the plan is checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import Timestamp
from rbdsl.rules.context import Context
from rbdsl.rules.evidence.dates import proofs

CODE = Code("RB902", "evidence-from-the-future", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such date; none where the time is not known."""
    for what, when in (*proofs(context), *_header(context)):
        if context.is_to_come(when.at):
            yield CODE.at(
                when.span,
                f"{what} on {when}, which is still to come",
                hint="write down when it really was"
                + ("; what is still to come is `planned`" if "rehearsal" in what else ""),
            )


def _header(context: Context) -> Iterator[tuple[str, Timestamp]]:
    plan = context.plan
    if plan.created:
        yield "the plan was created", plan.created
    if plan.updated:
        yield "the plan was updated", plan.updated
    for run in plan.testing.runs if plan.testing else ():
        if run.failed:
            yield f"the test in `{run.environment}` failed", run.failed
