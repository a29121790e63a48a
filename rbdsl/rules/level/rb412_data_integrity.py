"""The integrity of the data is not verified completely (level 4).

Critical checks of the data only (none with `warn`), and a checksum for every artifact that is
read.

## Why

With several regions a damaged dump is restored several times before anyone looks. A checksum is
compared before anything is touched.

## Bad

```rbplan
level 4
capture { step dump "Dump" { creates dump "before.dump"; run `./dump.sh "$dump"` } }
phase restore "Restore" {
  budget 2m
  step load "Load" { uses dump; run `./load.sh "$dump"` }
}
verification { check counts "Record counts" warn { expect `./count.sh` equals "12000" } }
```

## Good

```rbplan
level 4
capture { step dump "Dump" { creates dump "before.dump" checksum sha256; run `./dump.sh "$dump"` } }
phase restore "Restore" {
  budget 2m
  step load "Load" { uses dump; run `./load.sh "$dump"` }
}
phase verification "Verification" { after restore; budget 1m; verify }
verification { check counts "Record counts of the data" { expect `./count.sh` equals "12000" } }
```

## How it can be fooled

By a checksum that is taken of a file that was broken already.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB412", "data-integrity", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `data-integrity` of the level's policy."""
    return report(CODE, context)
