"""A namespace, volume or kind of a cluster is deleted with all that belongs to it.

## Why

A namespace takes its volume claims with it, a claim its volume, a definition every object of its
kind in all namespaces. None of it comes back with `kubectl apply`.

## Bad

```rbplan
phase cleanup "Clean up" {
  budget 2m
  step remove "Remove" { run `kubectl delete namespace shop`; expect `./gone.sh` }
}
```

## Good

```rbplan
phase cleanup "Clean up" {
  budget 2m
  step remove "Remove" {
    run `kubectl -n shop delete deployment shop-v2 --ignore-not-found`
    expect `./gone.sh`
  }
}
```

## How it can be fooled

A namespace or volume that this plan created is spared, and so is one behind a backup of the
cluster (`velero backup create`, a VolumeSnapshot). Volumes with `Retain` survive their claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import CLUSTER
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB871", "cluster-data-deleted", Severity.WARNING)

PROGRAMS = frozenset(CLUSTER)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(CLUSTER, "cluster", "volumes"):
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}",
            hint="delete the objects of the new version by name; back volumes up before",
        )
