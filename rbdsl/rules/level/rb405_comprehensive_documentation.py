"""The documentation is not comprehensive (level 3 and above).

The header (operation, owner, risk), the services, the capture of the state before, the triggers,
and an objective for each phase.

## Why

At level 3 more than one team is on the call. Who owns the plan, what it touches, what was saved
and why each phase is there are asked in the first minutes, and asking costs the time of the SLA.

## Bad

```rbplan
level 3
change "Deploys API v2.1"
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
level 3
operation "op-12345"
permit "permit-xyz789"
owner "development-master"
created 2025-12-09T10:00:00Z
updated 2025-12-09T14:00:00Z
risk high "schema migration"
change "Deploys API v2.1; this brings v2.0.8 back"
service api in production { version "v2.0.8" -> "v2.1" }
capture {
  fact "Schema version" is "v2.0.5"
  step dump "Dump" { creates dump "before.dump" checksum sha256; run `./dump.sh "$dump"` }
}
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m }; manual { "Data inconsistencies detected" } }
phase restore "Restore" {
  budget 5m
  objective "Bring the old data back"
  step load "Load" { for api; uses dump; run `./load.sh "$dump"` }
}
phase verification "Verification" {
  after restore
  budget 1m
  objective "Prove that the old version is up"
  verify
}
verification { check health "Healthy" { expect `./health.sh` } }
escalation { rung "First attempt failed" 0m..15m { contact "sre"; do "Read the logs" } }
validation { window "Immediate" 0m..15m { group "Errors" { "No errors in logs" } } }
```

## How it can be fooled

By texts that say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB405", "comprehensive-documentation", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `comprehensive-documentation` of the level's policy."""
    return report(CODE, context)
