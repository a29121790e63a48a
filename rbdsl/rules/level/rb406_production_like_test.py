"""The rollback was not tested in an environment like production (level 3 and above).

What counts is a test run `as production` that has `passed`.

## Why

Staging has a hundredth of the data. A restore that takes 40 seconds there takes 40 minutes in
production, and only an environment of that size tells.

## Bad

```rbplan
level 3
testing { in staging { passed 2025-12-08T10:00:00Z } }
```

## Good

```rbplan
level 3
testing {
  in staging { passed 2025-12-08T10:00:00Z; took 12m }
  in production-blue as production {
    passed 2025-12-08T15:00:00Z
    took 13m
    evidence "https://ci.example/2"
  }
}
```

## How it can be fooled

By an environment that is called `production` and is not like it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB406", "production-like-test", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `production-like-test` of the level's policy."""
    return report(CODE, context)
