"""An `after` says nothing new: another one already implies it.

Naming the same phase twice is a warning, an order that follows from others only pedantic.

## Why

Each order is a statement that someone has to check when a phase moves. Those that hold anyway
hide the ones that matter.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after stop, database
  budget 2m
  step deploy "Deploy" { run `./deploy.sh` }
}
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
```

## How it can be fooled

It can't be: `needs` is never redundant, because it also binds the scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.graph import redundant_orders
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB502", "redundant-order", Severity.PEDANTIC)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such `after`."""
    for order in redundant_orders(context.plan):
        name, via = order.reference, order.via
        again = via.text == name.text
        yield CODE.at(
            name.span,
            f"phase `{order.phase.name}` already comes after `{name}`"
            + ("" if again else f" by way of `{via}`"),
            labels=(
                Label(via.span, "named here before" if again else f"this comes after `{name}`"),
            ),
            hint=f"remove `{name}` here",
            severity=Severity.WARNING if again else Severity.PEDANTIC,
        )
