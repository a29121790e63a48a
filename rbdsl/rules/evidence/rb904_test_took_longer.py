"""A test took longer than the plan says that the rollback takes.

## Why

The test is the only measured time there is. If it is longer than the sum of the budgets, then the
budgets are hopes, and the SLA computed from them is one too.

## Bad

```rbplan
level 3
phase restore "Restore" { budget 9m; step load "Load" { timeout 9m; run `./load.sh` } }
testing { in production-blue as production { passed 2025-12-08T15:00:00Z; took 13m } }
```

## Good

```rbplan
level 3
phase restore "Restore" { budget 13m30s; step load "Load" { timeout 13m; run `./load.sh` } }
testing { in production-blue as production { passed 2025-12-08T15:00:00Z; took 13m } }
```

## How it can be fooled

By a `took` that left something out.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB904", "test-took-longer", Severity.WARNING)

PARTS = ("testing",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such test."""
    analysis, testing = context.analysis, context.plan.testing
    # A test covers one region or all of them; the longer time is the one that can't be doubted.
    computed = max(analysis.whole_ms, analysis.timeline.total_ms)
    for run in testing.runs if testing and analysis.timeline.phases else ():
        if not run.took or run.took.ms <= computed:
            continue
        late = run.took.ms - analysis.sla_ms
        yield CODE.at(
            run.took.span,
            f"the test in `{run.environment}` took {run.took}, and the plan says that the rollback "
            f"takes {show_ms(computed)}",
            notes=(f"that is {show_ms(late)} past the SLA of {show_ms(analysis.sla_ms)}",)
            if late > 0
            else (),
            hint="raise the budgets of the phases that took longer",
        )
