"""The rollback was not tested in staging (level 2 and above).

What counts is a test run `in staging`, or in another environment `as staging`, that has `passed`.

## Why

A rollback that was never run is a guess. What fails in it (a missing permission, a dump in the
wrong format, a name that changed) fails in the first minute of its first run, and that should not
be the incident.

## Bad

```rbplan
level 2
testing { checklist { done "Rollback tested in staging environment" } }
```

## Good

```rbplan
level 2
testing { in staging { passed 2025-12-08T10:00:00Z; took 12m; evidence "https://ci.example/1" } }
```

## How it can be fooled

By a date that nobody checked. RB901 and RB902 look at the dates, and `rollback.sh --rehearsal`
records them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB402", "staging-test", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `staging-test` of the level's policy."""
    return report(CODE, context)
