"""The plan lacks what an enterprise plan has (level 4).

A permit, an escalation ladder, validation windows, and an archive for the records.

## Why

After a level-4 rollback there is an executive review. It asks who allowed the change, who was
called when, what was looked at afterwards, and where the records are.

## Bad

```rbplan
level 4
phase restore "Restore" { budget 2m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
level 4
permit "permit-xyz789"
operation "op-12345"
owner "development-master"
escalation { rung "First attempt failed" 0m..15m { contact "sre-lead"; do "Read the logs" } }
validation { window "Immediate" 0m..15m { group "Errors" { "No errors in logs" } } }
archive folder "/srv/audit"
phase restore "Restore" { budget 2m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a ladder whose contacts have left.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB415", "enterprise-plan", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `enterprise-plan` of the level's policy."""
    return report(CODE, context)
