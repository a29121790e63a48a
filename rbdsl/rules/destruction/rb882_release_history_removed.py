"""A Helm release is removed with its history.

## Why

After `helm uninstall` there is no revision to go back to: `helm rollback` finds no release. Should
the rollback have to be taken back, values have to be found elsewhere.

## Bad

```rbplan
phase release "Release" {
  budget 2m
  step remove "Remove" { run `helm -n shop uninstall shop-v2`; expect `./gone.sh` }
}
```

## Good

```rbplan
phase release "Release" {
  budget 2m
  step remove "Remove" { run `helm -n shop uninstall shop-v2 --keep-history`; expect `./gone.sh` }
}
```

## How it can be fooled

A release that the change made has no history worth keeping. Found only when pedantic findings are
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context

CODE = Code("RB882", "release-history-removed", Severity.PEDANTIC)

PROGRAMS = ("helm",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in acting(context, *PROGRAMS):
        call = placed.call
        if not call.operands:
            continue
        if call.operands[0] not in ("uninstall", "delete") or call.has("keep-history", "dry-run"):
            continue
        verb = next(word for word in call.words if word.text == call.operands[0])
        behind = placed.place.span(verb.end, verb.end)
        yield CODE.at(
            placed.span,
            f"{shown(call.text)} removes the revisions to go back to, too",
            hint="`--keep-history` leaves them",
            fix=Fix("keep the history", (Edit(behind, " --keep-history"),), safe=False),
        )
