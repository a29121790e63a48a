"""Nothing proves that the rollback worked (level 2 and above).

A `verification` block with at least one check that is not `warn`, and a phase that runs it.

## Why

A rollback that ran is not one that worked. Without a check the run ends green with the old
version not up, and the incident goes on unnoticed.

## Bad

```rbplan
level 2
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
level 2
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
phase verification "Verification" { after restore; budget 1m; verify }
verification {
  check health "Healthy" { expect `./health.sh` contains "healthy" within 60s }
  confirm "Users can log in"
}
```

## How it can be fooled

By a check that always succeeds, such as `true`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB404", "verification-checklist", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `verification-checklist` of the level's policy."""
    return report(CODE, context)
