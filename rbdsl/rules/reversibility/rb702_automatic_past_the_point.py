"""An automatic trigger may run a phase past the point of no return, because nothing can ask it.

## Why

The point has no probe (`crossed when`), so the monitor starts the full plan whether it was crossed
or not. This is how a rollback destroys the data that it should have saved: a dump from before is
restored over a schema that can't take it back.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `test "$(./schema-version.sh)" -ge 8`
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## How it can be fooled

By a script of your own that always fails with 1 (RB710 sees `false`).
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.reversibility.automatic import automatic_runs
from rbdsl.rules.triggers.thresholds import shown

CODE = Code("RB702", "automatic-past-the-point", Severity.ERROR)

PARTS = ("points_of_no_return",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such point."""
    for point in context.plan.points_of_no_return:
        runs = [] if point.crossed_when else automatic_runs(context, point)
        if not runs:
            continue
        trigger, phase = runs[0]
        more = f" (and {len(runs) - 1} more)" if len(runs) > 1 else ""
        yield CODE.at(
            point.name.span,
            f"`{shown(trigger)}`{more} starts a run of `{phase}` by itself, and nothing can tell "
            f"whether `{point.name}` was crossed",
            labels=(Label(trigger.span, f"runs `{phase}`, which the point blocks"),),
            hint="say `crossed when` with a command that exits 0 once it was, and 1 before",
        )
