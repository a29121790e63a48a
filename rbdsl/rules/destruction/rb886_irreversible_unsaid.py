"""Something is taken away for good, in a phase that does not say so.

## Why

A phase that is `irreversible` is shown as such, may have a gate before it, and once it has begun
the run only goes forward. One that destroys and does not say so is stopped and resumed like any
other.

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
  irreversible
  # rbc: allow RB871 "the namespace of this change, and nothing else"
  step remove "Remove" { run `kubectl delete namespace shop`; expect `./gone.sh` }
}
```

## How it can be fooled

A step with an `undo` is believed, and so is a point of no return that blocks the phase. What a
backup keeps can be taken back, and is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.damage import DAMAGING
from rbdsl.rules.destruction.programs import CLUSTER, INFRASTRUCTURE, QUEUES, VOLUMES
from rbdsl.rules.destruction.removal import Removals
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB886", "irreversible-unsaid", Severity.INFO)

_FORMS = (
    (INFRASTRUCTURE, ("cloud",)),
    (CLUSTER, ("cluster", "volumes")),
    (VOLUMES, ("volumes", "sql", "mongo")),
    (QUEUES, ("queue", "keys")),
)
PROGRAMS = frozenset([*DAMAGING, *(program for forms, _ in _FORMS for program in forms)])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    plan = context.plan
    blocked = {name.text for point in plan.points_of_no_return for name in point.blocks}
    for placed, span, text in _gone(Removals(context)):
        phase, step = placed.place.phase, placed.place.step
        if phase is None or step is None or placed.place.role is not Role.RUN:
            continue
        if phase.irreversible or phase.name.text in blocked or step.undo:
            continue
        yield CODE.at(
            span,
            f"{shown(text)} can't be taken back, and phase `{phase.name}` does not say so",
            hint=f"write `irreversible` in phase `{phase.name}`, or let a `point_of_no_return` "
            "block it",
        )


def _gone(removals: Removals) -> Iterator[tuple[PlacedCall, Span, str]]:
    for forms, stores in _FORMS:
        for removal in removals.of(forms, *stores):
            yield removal.placed, removal.placed.span, removal.placed.call.text
    for placed, damage in removals.damages("drop", "truncate"):
        yield placed, damage.span, damage.text
