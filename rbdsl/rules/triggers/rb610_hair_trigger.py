"""A trigger fires on a single sample.

It has neither `for` nor `consecutive`.

## Why

One scrape that timed out, one pod that restarted, one spike of a second: and production is rolled
back. Rollbacks cost too, and a monitor that fires for nothing is the one that gets switched off.

## Bad

```rbplan
metrics from http "http://metrics/${metric}" json ".value" { auth_failure_rate ratio }
triggers { automatic { auth_failure_rate > 5% } }
```

## Good

```rbplan
metrics from http "http://metrics/${metric}" json ".value" { auth_failure_rate ratio }
triggers { automatic { auth_failure_rate > 5% for 1m } }
```

## How it can be fooled

By a `for` shorter than two samples, which RB309 reports.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import shown

CODE = Code("RB610", "hair-trigger", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such trigger."""
    for trigger in context.plan.triggers.automatic if context.plan.triggers else ():
        if not trigger.hold and (trigger.consecutive or 0) <= 1:
            yield CODE.at(
                trigger.span,
                f"`{shown(trigger)}` fires on a single sample",
                hint=f"say how long it has to last, e.g. `{trigger.metric} {trigger.comparison} "
                f"{trigger.threshold} for 1m`",
            )
