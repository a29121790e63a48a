"""At level 3 and above, the triggers don't say what a missing sample means.

## Why

The metrics often fail together with the system. Without a word the monitor holds its state:
no error rate, no rollback, no alarm. Whether blindness is to be ignored, reported, or taken for a
breach is a decision, and should be one that someone made.

## Bad

```rbplan
level 3
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
```

## Good

```rbplan
level 3
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers {
  automatic { error_rate > 1% for 2m }
  no_data alert after 1m
}
```

## How it can be fooled

By a query that gives 0 where there is no data, such as `… or vector(0)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB607", "no-data-unsaid", Severity.WARNING)

FROM_LEVEL = 3
PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    plan, triggers = context.plan, context.plan.triggers
    if not triggers or not triggers.automatic or triggers.no_data:
        return
    if plan.level.number >= FROM_LEVEL:
        yield CODE.at(
            triggers.automatic[0].span,
            "nothing says what the monitor does when a metric gives no data",
            labels=(
                Label(triggers.automatic[0].span, "without an answer it just holds its state"),
            ),
            hint="say `no_data alert after 1m`, or `hold`, `reset`, `breach` instead of `alert`",
        )
