"""The rollback is not automated (preferred at level 2, mandatory at level 3).

`automation full` or `gated`, and no manual step in a phase that is on the clock.

## Why

Steps typed by hand are slow, differ from person to person, and go wrong under stress. The SLA of
level 3 leaves no time for them.

## Bad

```rbplan
level 3
automation manual
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
level 3
automation full
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
```

## How it can be fooled

By a step that only prints what to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB403", "automation", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `automation` of the level's policy."""
    return report(CODE, context)
