"""There is no gate at which a person decides (level 4).

A `gate` with `approvers` and a `timeout`, in a phase or between the regions.

## Why

At level 4 the rollback is automatic, and its blast radius is every region. Someone has to be able
to stop it between two steps, with a known way out if they don't answer.

## Bad

```rbplan
level 4
automation full
phase restore "Restore" { budget 2m; step load "Load" { run `./load.sh "$region"` } }
```

## Good

```rbplan
level 4
automation gated
phase restore "Restore" {
  budget 4m
  gate go "Go on?" { approvers "sre-lead"; timeout 2m; otherwise abort }
  step load "Load" { timeout 2m; run `./load.sh "$region"` }
}
```

## How it can be fooled

By approvers that nobody can reach.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB411", "manual-gates", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `manual-gates` of the level's policy."""
    return report(CODE, context)
