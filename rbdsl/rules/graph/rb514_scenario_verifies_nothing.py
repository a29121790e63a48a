"""A scenario runs the verification, and every check in it is left out.

## Why

Checks for services and phases that a scenario does not touch are skipped. When none remains, the
phase called "Verification" passes without having looked at anything.

## Bad

```rbplan
service api in production
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after database
  budget 2m
  step deploy "Deploy" { for api; run `./deploy.sh` }
}
phase verification "Verification" { after apps; budget 1m; verify }
scenario data_only "The data alone" { run database, verification }
verification { check health "Healthy" { for api; expect `./health.sh` } }
```

## Good

```rbplan
service api in production
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after database
  budget 2m
  step deploy "Deploy" { for api; run `./deploy.sh` }
}
phase verification "Verification" { after apps; budget 1m; verify }
scenario data_only "The data alone" { run database, verification }
verification {
  check health "Healthy" { for api; expect `./health.sh` }
  check counts "Record counts" { for database; expect `./count.sh` }
}
```

## How it can be fooled

By a check that always succeeds.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB514", "scenario-verifies-nothing", Severity.WARNING)

PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such scenario."""
    verification = context.plan.verification
    if not verification or not verification.checks or verification.bounds:
        return
    for result in context.analysis.scenarios:
        skips_all = len(result.skipped_checks) == len(verification.checks)
        if not skips_all or not context.verifies(result):
            continue
        yield CODE.at(
            result.scenario.name.span,
            f"scenario `{result.scenario.name}` runs the verification, and skips every check in it",
            labels=[
                Label(item.name.span, f"only for {', '.join(s.text for s in item.subjects)}")
                for item in verification.checks
            ],
            hint="add a check of what this scenario touches",
        )
