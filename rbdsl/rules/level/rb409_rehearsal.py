"""The rollback was not rehearsed (level 3 and above).

A `rehearsal` that was `held`. `planned` alone proves nothing.

## Why

A rehearsal finds what a test does not: that the person on call lacks the role, that nobody knows
who decides, that the runbook's link is dead.

## Bad

```rbplan
level 3
testing { rehearsal { planned 2025-12-08T16:00:00Z; participants "Engineering" } }
```

## Good

```rbplan
level 3
testing { rehearsal { held 2025-12-08T16:00:00Z; duration 30m; participants "Engineering", "SRE" } }
```

## How it can be fooled

By a date that nobody checked; RB902 reports one that has not come yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB409", "rehearsal", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `rehearsal` of the level's policy."""
    return report(CODE, context)
