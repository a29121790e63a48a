"""A gate or manual step on the SLA's clock may wait for ever.

## Why

The clock runs while someone is looked for. Without a timeout nothing says when to go on without
them or give up: the run stands, at night, with the system half rolled back.

## Bad

```rbplan
phase database "Database" {
  budget 3m
  gate dba "DBA confirms" { approvers "dba-oncall" }
}
```

## Good

```rbplan
phase database "Database" {
  budget 3m
  gate dba "DBA confirms" { approvers "dba-oncall"; timeout 2m; otherwise abort }
}
```

## How it can be fooled

By a timeout of a day; RB307 counts it in the worst case.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.steps import Gate, Manual
from rbdsl.rules.context import Context

CODE = Code("RB314", "gate-without-timeout", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such gate and manual step, in phases and between regions."""
    for phase in context.plan.phases:
        if phase.off_clock:
            continue
        for item in phase.items:
            if isinstance(item, Gate) and not item.timeout:
                yield _report("gate", item)
            elif isinstance(item, Manual) and not item.timeout and not item.takes:
                yield _report("manual step", item)
    for gate in context.plan.regions.gates if context.plan.regions else ():
        if not gate.timeout:
            yield _report("gate", gate)


def _report(what: str, item: Gate | Manual) -> Diagnostic:
    otherwise = "; otherwise abort" if what == "gate" else ""
    return CODE.at(
        item.name.span,
        f"{what} `{item.name}` has no timeout: the SLA's clock runs while it waits",
        hint=f"say how long it may wait, e.g. `timeout 2m{otherwise}`",
    )
