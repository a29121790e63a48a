"""Volumes, or images to go back to, are removed from a container host.

## Why

`down -v` takes the named volumes with it, and the database lives in one of them. `system prune -a`
removes every image that no container uses at the moment, and the one to go back to is one of
these.

## Bad

```rbplan
phase stop "Stop" {
  budget 1m
  step down "Take it down" {
    run `docker compose -f shop.yml -p shop down -v`
    expect `./gone.sh`
  }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 1m
  step down "Take it down" {
    run `docker compose -f shop.yml -p shop down --timeout 30`
    expect `./gone.sh`
  }
}
```

## How it can be fooled

Volumes that hold nothing but caches may go. A volume that this plan created is spared, and so is
one behind a dump of the database or a copy of its files, by the order of the phases.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import VOLUMES
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB878", "volumes-removed", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(VOLUMES, "volumes", "sql", "mongo"):
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}",
            hint="leave the volumes where they are, and remove by name what is meant",
        )
