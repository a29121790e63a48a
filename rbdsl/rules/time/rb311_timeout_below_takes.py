"""A step is given less time than it takes.

## Why

`takes` says how long the step runs when all is well, `timeout` when it is killed. With the second
below the first every run ends in a kill, half-way through, and retries only repeat it.

## Bad

```rbplan
phase restore "Restore" {
  budget 5m
  step load "Load the dump" { takes 4m; timeout 2m; run `./load.sh` }
}
```

## Good

```rbplan
phase restore "Restore" {
  budget 5m
  step load "Load the dump" { takes 4m; timeout 5m; run `./load.sh` }
}
```

## How it can be fooled

By a `takes` that nobody measured.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Manual, Step
from rbdsl.rules.context import Context

CODE = Code("RB311", "timeout-below-takes", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such step or manual step."""
    for phase in context.plan.phases:
        for item in (*phase.items, *phase.ensure):
            if not isinstance(item, Step | Manual) or not item.takes or not item.timeout:
                continue
            if item.timeout.ms < item.takes.ms:
                yield CODE.at(
                    item.timeout.span,
                    f"`{item.name}` takes {item.takes} and is stopped after {item.timeout}",
                    labels=(Label(item.takes.span, f"takes {item.takes}"),),
                    hint=f"give it more than {item.takes}",
                )
