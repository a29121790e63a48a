"""A phase is `off_clock`, and verification waits for it.

## Why

The SLA's clock ends when verification has passed. A phase in front of it is part of that time
whatever it says, and is counted; the word only makes people believe otherwise.

## Bad

```rbplan
phase restore "Restore" {
  budget 5m
  off_clock
  step load "Load the dump" { timeout 5m; run `./load.sh` }
}
phase verification "Verification" { after restore; budget 2m; verify }
verification { check health "Healthy" { expect `./health.sh` } }
```

## Good

```rbplan
phase restore "Restore" {
  budget 5m
  step load "Load the dump" { timeout 5m; run `./load.sh` }
}
phase verification "Verification" { after restore; budget 2m; verify }
phase cleanup "Cleanup" {
  after verification
  budget 5m
  off_clock
  step delete "Delete old files" { rerunnable; run `./delete.sh` }
}
verification { check health "Healthy" { expect `./health.sh` } }
```

## How it can be fooled

By leaving out the order between the two phases; RB505 looks for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB315", "off-clock-before-verification", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each `off_clock` phase that a phase on the clock waits for."""
    for phase in context.plan.phases:
        if not phase.off_clock:
            continue
        if phase.verifies:
            yield CODE.at(
                phase.off_clock,
                f"phase `{phase.name}` runs the verification, which ends the SLA's clock, and is "
                "itself `off_clock`",
                hint="remove `off_clock`",
            )
            continue
        for verifying in context.verifying:
            if context.runs_before(phase, verifying):
                yield CODE.at(
                    phase.off_clock,
                    f"phase `{phase.name}` is `off_clock`, but verification in "
                    f"`{verifying.name}` waits for it: its {phase.budget} count",
                    labels=(Label(verifying.name.span, "the SLA's clock ends behind this phase"),),
                    hint="remove `off_clock`, or move the phase behind verification",
                )
                break
