"""A point of no return has no probe that tells whether it was crossed.

## Why

"Migrations 008-011 completed" is a sentence; the script can't ask it. In the incident someone has
to find out by hand whether the restore is still safe, and the answer is a guess under stress. With
`crossed when` it is asked before the run, before each blocked phase, and on resume.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
point_of_no_return migrations "Migrations completed" {
  crossed when `test "$(./schema-version.sh)" -ge 8`
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## How it can be fooled

By a script of your own that always fails with 1 (RB710 sees `false`). Any outcome but 0 and 1
counts as crossed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.reversibility.automatic import automatic_runs

CODE = Code("RB701", "untestable-point", Severity.WARNING)

PARTS = ("points_of_no_return",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such point, unless RB702 finds that a machine would cross it."""
    for point in context.plan.points_of_no_return:
        if not point.crossed_when and not automatic_runs(context, point):
            yield CODE.at(
                point.name.span,
                f"nothing can tell whether `{point.name}` was crossed",
                hint="say `crossed when` with a command that exits 0 once it was, and 1 before",
            )
