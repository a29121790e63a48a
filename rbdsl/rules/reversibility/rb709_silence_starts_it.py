"""Nobody answers a gate, and an irreversible phase starts.

The gate says `otherwise continue`, and no other one stands before the phase.

## Why

The person who was to give up the newer rows is asleep, on a train, or at the wrong channel. After
four minutes silence counts as a yes, and the rows are gone. What can't be taken back needs a person
who says so.

## Bad

```rbplan
phase review "Review" {
  budget 5m
  gate legal "Newer contracts are given up" { approvers "legal"; timeout 4m; otherwise continue }
}
phase data "Data" {
  needs review
  budget 3m
  irreversible
  step load "Load" { run `./load.sh` }
}
```

## Good

```rbplan
phase review "Review" {
  budget 5m
  gate legal "Newer contracts are given up" { approvers "legal"; timeout 4m; otherwise abort }
}
phase data "Data" {
  needs review
  budget 3m
  irreversible
  step load "Load" { run `./load.sh` }
}
```

## How it can be fooled

By a step that can't be undone in a phase that does not say so, and by a gate that is about
something else: if that one may go on by itself, put one that may not before the irreversible phase.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Gate, Step
from rbdsl.rules.context import Context
from rbdsl.rules.reversibility.rb706_irreversible_without_a_person import person_before

CODE = Code("RB709", "silence-starts-it", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such gate, with the first phase that it lets start."""
    reported: set[int] = set()
    for phase in context.plan.phases:
        if phase.irreversible is None:
            continue
        gates = list(_going_on(context, phase))
        if not gates or person_before(context, context.analysis.timeline, phase):
            continue
        for gate in gates:
            if id(gate) in reported:
                continue
            reported.add(id(gate))
            span = gate.otherwise or gate.name.span
            mend = Fix("write `otherwise abort`", (Edit(span, "otherwise abort"),), safe=False)
            yield CODE.at(
                span,
                f"where nobody answers gate `{gate.name}`"
                + (f" within {gate.timeout}" if gate.timeout else "")
                + f", the irreversible phase `{phase.name}` starts",
                labels=(Label(phase.irreversible, "can't be taken back"),),
                hint="write `otherwise abort`",
                fix=mend if gate.otherwise else None,
            )


def _going_on(context: Context, phase: Phase) -> Iterator[Gate]:
    """The gates before the first step of a phase that go on by themselves."""
    for earlier in context.plan.phases:
        if context.runs_before(earlier, phase):
            yield from (gate for gate in earlier.gates if gate.continue_otherwise)
    for item in phase.items:
        if isinstance(item, Step):
            return
        if isinstance(item, Gate) and item.continue_otherwise:
            yield item
