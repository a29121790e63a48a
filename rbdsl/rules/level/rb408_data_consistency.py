"""The data is not checked after the rollback (level 3 and above).

A check in `verification` that looks at the data (counts, checksums, schema version). With `warn`
it proves the requirement only in part: a mismatch would not fail the rollback.

## Why

Lost records don't show in health checks. They show in the complaints of the next days, when the
backup that could have helped is gone.

## Bad

```rbplan
level 3
verification { check health "Services healthy" { expect `./health.sh` contains "healthy" } }
```

## Good

```rbplan
level 3
phase verification "Verification" { budget 1m; verify }
verification {
  check counts "Record counts of the data" {
    expect `psql -d shop -tAc "select count(*) from users"` equals "12000"
  }
}
```

## How it can be fooled

By the words: what looks like a check of the data may compare nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB408", "data-consistency", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `data-consistency` of the level's policy."""
    return report(CODE, context)
