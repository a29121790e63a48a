"""The schema goes back while the new version still runs on it.

## Why

The new version reads columns that the downgrade has just dropped. Each request fails from then on
until the old version is in place, and half-written rows of the last seconds stay.

## Bad

```rbplan
phase schema "Schema" { budget 2m; step down "Down" { run `alembic downgrade 41` } }
phase shop "Shop" {
  after schema
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/shop shop=shop:3.1.4` }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 1m
  step scale "Scale to zero" { run `kubectl -n shop scale deployment/shop --replicas=0` }
}
phase schema "Schema" { needs stop; budget 2m; step down "Down" { run `alembic downgrade 41` } }
phase shop "Shop" {
  after schema
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/shop shop=shop:3.1.4` }
}
```

Or the old version first, where it can work with the new schema.

## How it can be fooled

Whatever may have stopped the new version before silences it: a command, step or phase that says
stop, drain, maintenance, traffic and the like. A migration that the new version does not notice is
a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import (
    DOWNGRADING,
    comes_before,
    deploys,
    downgrades,
    in_phases,
    quiet_before,
)

CODE = Code("RB531", "schema-under-new-code", Severity.WARNING)

PROGRAMS = DOWNGRADING


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each downgrade with the deployment of the old version only behind it."""
    down = [call for call in in_phases(context) if downgrades(call.call)]
    deploying = [call for call in in_phases(context) if deploys(call.call)] if down else []
    for call in down if deploying else ():
        if quiet_before(context, call):
            continue
        if any(comes_before(context, other, call) for other in deploying):
            continue
        later = next((c for c in reversed(deploying) if comes_before(context, call, c)), None)
        if later:
            yield CODE.at(
                call.span,
                "the schema goes back while the new version still runs on it",
                labels=(Label(later.span, "the old version comes only here"),),
                hint="stop the new version before, or deploy the old one first if it can work with "
                "the new schema",
            )
