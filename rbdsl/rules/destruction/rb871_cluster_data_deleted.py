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
cluster (`velero backup create`, a VolumeSnapshot). Volumes with `Retain` survive their claim. What
`xargs` or a loop is given is known where a `kubectl get` of one kind gives it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import calls
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import CLUSTER
from rbdsl.rules.destruction.removal import Removals
from rbdsl.rules.forms import Form, matching
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB871", "cluster-data-deleted", Severity.WARNING)

PROGRAMS = frozenset(CLUSTER)
_KUBECTL = ("kubectl", "oc")
_STORES = ("cluster", "volumes")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    removals = Removals(context)
    found = [(one.placed, one.form) for one in removals.of(CLUSTER, *_STORES)]
    for placed in removals.order.acting(*_KUBECTL):
        form = _given(placed)
        if form and not any(removals.backups.before(placed, store) for store in _STORES):
            found.append((placed, form))
    for placed, form in found:
        yield CODE.at(
            placed.span,
            f"{shown(placed.call.text)} takes away {form.loses}",
            hint="delete the objects of the new version by name; back volumes up before",
        )


def _given(placed: PlacedCall) -> Form | None:
    """What is deleted by names that a `kubectl get` prints: `get pvc -o name | xargs … delete`."""
    call = placed.call
    if call.operands[:1] != ("delete",) or len(call.operands) > 2:
        return None
    piped = any(words[0].text == "xargs" for words in call.wrappers)
    if not (piped if len(call.operands) == 1 else call.operands[1].startswith("$")):
        return None
    for other in placed.place.before(placed):
        one = other.call
        if one.program not in _KUBECTL or one.operands[:1] != ("get",) or len(one.operands) < 2:
            continue
        if one.pipe == call.pipe if piped else one.holder == "for":
            return matching(calls(f"kubectl delete {one.operands[1]} name")[0], CLUSTER)
    return None
