"""A point of no return blocks no phase.

## Why

It is asked and answered, and then everything runs as if it had not been. The phases that must not
run past it have to be named.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `./crossed.sh`
  forward_fix { manual "Deploy the patch" }
}
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `./crossed.sh`
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## How it can be fooled

By blocking the wrong phase.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context

CODE = Code("RB704", "blocks-nothing", Severity.WARNING)

PARTS = ("points_of_no_return",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such point."""
    for point in context.plan.points_of_no_return:
        if not point.blocks:
            yield CODE.at(
                point.name.span,
                f"`{point.name}` blocks no phase: past it everything runs as before",
                hint="name the phases that must not run past it, e.g. `blocks database`",
            )
