"""There is no partial rollback (level 3 and above).

At least one scenario runs a part of the plan.

## Why

When only the application is broken, restoring the database loses every write since the change,
for nothing. Without a scenario the choice is all or improvising.

## Bad

```rbplan
level 3
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
```

## Good

```rbplan
level 3
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
scenario apps_only "The application alone" { run apps; use_when "The data is fine"; claims 2m }
```

## How it can be fooled

By a scenario that helps nobody; RB512 and RB515 look at what it runs and verifies.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB407", "partial-scenarios", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `partial-scenarios` of the level's policy."""
    return report(CODE, context)
