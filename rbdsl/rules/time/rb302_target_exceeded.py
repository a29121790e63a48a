"""The rollback meets the SLA of its level, but not the target.

## Why

The target (level 2: 20 min, level 3: 10 min, level 4: 5 min for each region) is what a rollback
should take on a normal day; the SLA is what it may take on a bad one. A plan between the two has
used up the reserve before anything has gone wrong.

## Bad

```rbplan
level 3
phase restore "Restore" {
  budget 12m
  step load "Load the dump" { timeout 12m; run `./load.sh` }
}
```

## Good

```rbplan
level 3
phase restore "Restore" {
  budget 9m
  step load "Load the dump, four tables at once" { timeout 9m; run `./load.sh --jobs=4` }
}
```

## How it can be fooled

By budgets that are too small, as RB301.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.time.clock import after_verification_hint, path_notes, slowest_region

CODE = Code("RB302", "target-exceeded", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for the plan, unless it even breaks the SLA (RB301)."""
    analysis = context.analysis
    clock, sla, target = analysis.slowest_clock_ms, analysis.sla_ms, analysis.policy.target_ms
    if clock <= target or clock > sla:
        return
    level = context.plan.level
    buffer = f"with {show_ms(sla - clock)} of buffer" if clock < sla else "with no buffer at all"
    yield CODE.at(
        level.span,
        f"the rollback takes {show_ms(clock)}{slowest_region(context)}: it meets the SLA of "
        f"{show_ms(sla)} {buffer}, and misses the target of {show_ms(target)} by "
        f"{show_ms(clock - target)}",
        labels=(
            Label(
                level.span, f"level {level.number}: target {show_ms(target)}, SLA {show_ms(sla)}"
            ),
        ),
        notes=path_notes(context),
        hint=after_verification_hint(context)
        or "shorten a phase on this path, or let it run at the same time as another",
    )
