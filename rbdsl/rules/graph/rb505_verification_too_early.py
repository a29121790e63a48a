"""Verification does not wait for a phase that is part of the rollback.

## Why

Without an order between them both run at once: the check of the record counts is green while the
restore is still running, or red because it is. Either way it says nothing. So it is in a plan in
which no phase waits for another, and where all that is changed comes behind the only verification.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase verification "Verification" { after stop; budget 1m; verify }
verification { check counts "Record counts" { expect `./count.sh` } }
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { after stop; budget 3m; step load "Load" { run `./load.sh` } }
phase verification "Verification" { after database; budget 1m; verify }
verification { check counts "Record counts" { expect `./count.sh` } }
```

## How it can be fooled

By a step that only starts something and does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.rules.context import Context
from rbdsl.rules.graph.rb504_unordered_phase import alone_phases

CODE = Code("RB505", "verification-too-early", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each phase on the clock beside every phase that verifies.

    Where verification waits for nothing and all comes behind it, one for the first of these.
    """
    verifying = context.verifying
    if not verifying:
        return
    alone = alone_phases(context)
    if len(alone) == len(context.plan.phases):
        alone = set()  # RB504 leaves such a plan alone
    last = verifying[-1]
    behind: list[Phase] = []
    for phase in context.plan.phases:
        if phase.verifies or phase.off_clock or phase.name.text in alone:
            continue
        if any(context.runs_before(phase, v) or context.runs_before(v, phase) for v in verifying):
            behind.append(phase)
            continue
        yield CODE.at(
            last.name.span,
            f"verification in `{last.name}` does not wait for phase `{phase.name}`: "
            "they may run at the same time",
            labels=(Label(phase.name.span, "may still be running"),),
            hint=f"say `after {phase.name}` in `{last.name}`",
        )
    if behind and not any(v.after or v.needs or v.all_steps for v in verifying):
        yield CODE.at(
            last.name.span,
            f"verification in `{last.name}` waits for nothing: "
            f"it is over before phase `{behind[0].name}` begins",
            labels=(Label(behind[0].name.span, "begins when it is over"),),
            hint=f"let `{last.name}` come after the phases that change something",
        )
