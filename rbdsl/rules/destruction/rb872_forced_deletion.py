"""Objects of a cluster are removed by force.

## Why

`--force --grace-period=0` takes the object out of the list and does not stop the process: the pod
may go on writing while its successor opens the same volume. `replace --force` deletes first and
creates then, `--delete-emptydir-data` throws away what a pod keeps on its node.

## Bad

```rbplan
phase restart "Restart" {
  budget 2m
  step kill "Remove the pod" {
    run `kubectl -n shop delete pod db-0 --force --grace-period=0`
    expect `./db-answers.sh`
  }
}
```

## Good

```rbplan
phase restart "Restart" {
  budget 2m
  step remove "Remove the pod" {
    run `kubectl -n shop delete pod db-0 --grace-period=30 --timeout=60s`
    expect `./db-answers.sh`
  }
}
```

## How it can be fooled

A drain that takes what is in emptyDir is often meant, and only an info. A node that is known to be
dead does not let go of its pods without force. An object that this plan
created is spared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import FORCED
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB872", "forced-deletion", Severity.WARNING)

PROGRAMS = frozenset(FORCED)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(FORCED):
        drains = "drain" in removal.placed.call.operands
        replaces = "replace" in removal.placed.call.operands
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)}{'' if drains or replaces else ' does not wait'}: "
            f"{removal.form.loses}",
            severity=Severity.INFO if drains else None,
            hint="leave the option out, and keep those pods apart: `--pod-selector`"
            if drains
            else "leave the force out, and wait with a limit: `--timeout=60s`",
        )
