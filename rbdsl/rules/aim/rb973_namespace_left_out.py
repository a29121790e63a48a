"""One command says no namespace, where its neighbours in the plan say theirs for the same cluster.

## Why

It works on the namespace that the kubeconfig happens to name. Where that is not the one that was
meant, the command fails in the middle of the rollback, or finds an object of the same name there:
the service stays on the failed version, and that of another team is changed.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step images "Images" {
    run ```
      kubectl -n shop set image deployment/web web=registry.example.com/web:3.1
      kubectl set image deployment/cart cart=registry.example.com/cart:3.1
      kubectl -n shop rollout status deployment/web --timeout=60s
      kubectl -n shop rollout status deployment/cart --timeout=60s
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step images "Images" {
    run ```
      kubectl -n shop set image deployment/web web=registry.example.com/web:3.1
      kubectl -n shop set image deployment/cart cart=registry.example.com/cart:3.1
      kubectl -n shop rollout status deployment/web --timeout=60s
      kubectl -n shop rollout status deployment/cart --timeout=60s
    ```
  }
}
```

## How it can be fooled

By what is really meant to be in the default namespace: `-n default` says so. At least three
commands must say a namespace, and three times as many as say none; a plan in which most say none
has its reason, and is RB863's. Only what is known to lie in a namespace counts; files that are
applied have theirs in them. A plan that chooses a namespace (`kubens`, `oc project`,
`set-context --namespace`) or a `KUBECONFIG` of its own is spared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.aim.namespaces import CLIENTS, SAYING, left_out
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB973", "namespace-left-out", Severity.WARNING)

PROGRAMS = CLIENTS


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed, others in left_out(context):
        names = {other.filled(other.call.value(*SAYING) or "") for other in others} - {""}
        yield _report(placed, others[0], names)


def _report(placed: PlacedCall, other: PlacedCall, names: set[str]) -> Diagnostic:
    name = next(iter(names)) if len(names) == 1 else "NAMESPACE"
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text)} says no namespace, as the others do: it works on the one that "
        "the kubeconfig happens to name",
        labels=(Label(other.span, "said here, for the same cluster"),),
        hint=f"say it: `-n {name}`; if the default one is meant: `-n default`",
    )
