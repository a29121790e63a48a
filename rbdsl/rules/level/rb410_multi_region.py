"""The regions are not coordinated (level 4).

A `regions` block with at least two regions, in waves.

## Why

Rolled back all at once, a mistake in the rollback takes every region down. One region first, a
look at it, then the others: that is what waves are for.

## Bad

```rbplan
level 4
phase restore "Restore" { budget 2m; step load "Load" { run `./load.sh "$region"` } }
```

## Good

```rbplan
level 4
regions {
  wave us-east-1
  gate "Region healthy?" { approvers "sre-lead"; timeout 5m; otherwise abort }
  wave eu-west-1, ap-south-1
}
phase restore "Restore" { budget 2m; step load "Load" { run `./load.sh "$region"` } }
```

## How it can be fooled

By steps that ignore `$region` and do everything the first time.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB410", "multi-region", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `multi-region` of the level's policy."""
    return report(CODE, context)
