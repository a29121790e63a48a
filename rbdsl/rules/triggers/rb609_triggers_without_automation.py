"""The plan says `automation manual` and has automatic triggers.

## Why

One of the two is not true. Either the monitor starts a rollback that people believe only they can
start, or they believe in a monitor that nobody is going to run.

## Bad

```rbplan
automation manual
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
```

## Good

```rbplan
automation manual
triggers { manual { "Error rate looks wrong on the dashboard" } }
```

## How it can be fooled

It can't be.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Automation
from rbdsl.rules.context import Context

CODE = Code("RB609", "triggers-without-automation", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    plan = context.plan
    if plan.automation is Automation.MANUAL and plan.triggers and plan.triggers.automatic:
        labels = [Label(plan.automation_span, "by hand only")] if plan.automation_span else []
        yield CODE.at(
            plan.triggers.automatic[0].span,
            "an automatic trigger in a plan that says `automation manual`",
            labels=labels,
            hint="say `automation full` or `gated`, or list the trigger under `manual`",
        )
