"""Past the point of no return there is nothing left to do.

It has no `forward_fix`. A warning where a scenario stays possible, an error where none does.

## Why

Past the point the plan's answer to "roll back!" is no. That is when a plan is needed most, and
the worst moment to start writing one.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `./crossed.sh`
  blocks database
}
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `./crossed.sh`
  blocks database
  forward_fix {
    step compensate "Deploy the compensating migration" { run `./compensate.sh` }
    manual "Deploy the v2.1.1 patch"
  }
}
```

## How it can be fooled

By a forward fix that nobody has tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.sums import listed

CODE = Code("RB703", "no-forward-fix", Severity.ERROR)

PARTS = ("points_of_no_return",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such point."""
    for point in context.plan.points_of_no_return:
        if point.forward_fix:
            continue
        left = [
            result.scenario.name.text
            for result in context.analysis.scenarios
            if point not in result.blocked_by and result.timeline.phases
        ]
        yield CODE.at(
            point.name.span,
            f"past `{point.name}` "
            + (f"only {listed(left)} can be run" if left else "there is nothing left to do"),
            hint="say in `forward_fix` how to go on from there",
            severity=Severity.WARNING if left else Severity.ERROR,
        )
