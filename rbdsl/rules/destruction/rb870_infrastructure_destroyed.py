"""Infrastructure is destroyed as a whole.

## Why

What the command takes away was made by many changes, not only by the one that is rolled back:
databases with their data, addresses that others know, keys that can't be made again.

## Bad

```rbplan
phase infrastructure "Infrastructure" {
  budget 5m
  step down "Down" { run `terraform destroy -auto-approve -input=false`; expect `./gone.sh` }
}
```

## Good

```rbplan
phase infrastructure "Infrastructure" {
  budget 5m
  step plan "Plan with the configuration that worked" {
    creates way_back "back.tfplan"
    run `terraform -chdir=before plan -input=false -out="$way_back"`
  }
  step apply "Apply" { uses way_back; run `terraform -chdir=before apply -input=false "$way_back"` }
}
```

## How it can be fooled

A stack that this very change made, and nothing else, may be destroyed: allow it, with the reason.
A snapshot or export of the cloud that is taken before spares the finding; what it holds is not
known.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import INFRASTRUCTURE
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB870", "infrastructure-destroyed", Severity.WARNING)

PROGRAMS = frozenset(INFRASTRUCTURE)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(INFRASTRUCTURE, "cloud"):
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}",
            hint="remove what the change made and nothing else, from a plan that was read",
        )
