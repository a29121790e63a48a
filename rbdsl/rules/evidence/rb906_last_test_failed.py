"""The last test in an environment failed.

## Why

A rollback that failed where it was tried will fail where it counts.

## Bad

```rbplan
testing { in staging { passed 2025-12-08T10:00:00Z; failed 2025-12-08T18:00:00Z } }
```

## Good

```rbplan
testing { in staging { failed 2025-12-08T10:00:00Z; passed 2025-12-08T18:00:00Z } }
```

## How it can be fooled

By not writing down the failure.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import Timestamp
from rbdsl.rules.context import Context

CODE = Code("RB906", "last-test-failed", Severity.ERROR)

PARTS = ("testing",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each environment whose last test is a failure."""
    testing = context.plan.testing
    passed: dict[str, Timestamp] = {}
    failed: dict[str, Timestamp] = {}
    for run in testing.runs if testing else ():
        for dates, when in ((passed, run.passed), (failed, run.failed)):
            if when:
                known = dates.get(run.environment.text)
                dates[run.environment.text] = max(when, known or when, key=lambda t: t.at)
    for environment, when in failed.items():
        success = passed.get(environment)
        if success and success.at >= when.at:
            continue
        yield CODE.at(
            when.span,
            f"the last test in `{environment}` failed, on {when}",
            labels=(Label(success.span, "passed before that"),) if success else (),
            hint="mend the plan, test it again, and write down when it passed",
        )
