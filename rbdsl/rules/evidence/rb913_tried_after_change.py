"""A test or rehearsal took place, or is planned, after the change window has begun.

Needs a `window`. A rehearsal counts by when it was `held`, and as long as it was not, by when it is
`planned`.

## Why

A way back that is tried once the change is under way is tried on the customers. Whatever the test
finds comes too late for the decision to go ahead.

## Bad

```rbplan
window 2025-12-10T22:00:00Z..2025-12-11T00:00:00Z
testing { rehearsal { planned 2025-12-11T09:00:00Z; participants "Engineering", "SRE" } }
```

## Good

```rbplan
window 2025-12-10T22:00:00Z..2025-12-11T00:00:00Z
testing { rehearsal { planned 2025-12-09T16:00:00Z; participants "Engineering", "SRE" } }
```

## How it can be fooled

By a window that is not the real one. A test that was repeated later is not reported where one in
the same environment passed before the window.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.proof import Testing
from rbdsl.model.values import Timestamp
from rbdsl.rules.context import Context

CODE = Code("RB913", "tried-after-change", Severity.ERROR)

PARTS = ("window",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such test and rehearsal."""
    window, testing = context.plan.window, context.plan.testing
    if not window or not testing:
        return
    start = window.start
    for what, when in _tries(testing, start):
        if when.at >= start.at:
            yield CODE.at(
                when.span,
                f"{what} on {when}, and the change window begins on {start}",
                labels=(Label(start.span, "the change begins"),),
                hint="try the way back before the change, or correct the window",
            )


def _tries(testing: Testing, start: Timestamp) -> Iterator[tuple[str, Timestamp]]:
    passed = [run for run in testing.runs if run.passed]
    timely = {run.environment.text for run in passed if run.passed and run.passed.at < start.at}
    for run in passed:
        if run.passed and run.environment.text not in timely:
            yield f"the test in `{run.environment}` passed", run.passed
    practice = testing.rehearsal
    if practice and practice.held:
        yield "the rehearsal was held", practice.held
    elif practice and practice.planned:
        yield "the rehearsal is planned", practice.planned
