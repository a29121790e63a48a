"""The rollback takes longer than the SLA of its level allows.

The budgets along the critical path, up to the end of verification, add up to more than the SLA
(level 2: 30 min, level 3: 15 min, level 4: 10 min for each region).

## Why

The SLA is what users were promised. A plan that breaks it on paper will break it by more at
night: budgets are what people hope for. It is better to learn this in review than from the
breach, which at level 3 means an incident review.

## Bad

```rbplan
level 3
phase restore "Restore the database" {
  budget 14m
  step load "Load the dump" { timeout 14m; run `./load.sh` }
}
phase verification "Verification" { after restore; budget 2m; verify }
verification { check health "Healthy" { expect `./health.sh` } }
```

## Good

```rbplan
level 3
phase restore "Restore the database" {
  budget 7m
  step load "Load the dump, four tables at once" { timeout 7m; run `./load.sh --jobs=4` }
}
phase verification "Verification" { after restore; budget 2m; verify }
verification { check health "Healthy" { expect `./health.sh` } }
```

## How it can be fooled

By budgets that are too small. RB306 compares them with the worst case, and RB904 with the time
that tests took.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.sums import budget_sum
from rbdsl.rules.time.clock import after_verification_hint, judged_path, path_notes, slowest_region

CODE = Code("RB301", "sla-exceeded", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for the plan; scenarios run fewer phases and can't take longer."""
    analysis = context.analysis
    clock, sla = analysis.slowest_clock_ms, analysis.sla_ms
    if clock <= sla:
        return
    timeline, path, level = analysis.timeline, judged_path(context), context.plan.level
    labels = [Label(level.span, f"level {level.number} allows {show_ms(sla)}")]
    if len(path) > 1:
        longest = max((timeline[name] for name in path), key=lambda entry: entry.budget_ms)
        label = f"the longest of {budget_sum(timeline, path)}"
        labels.append(Label(longest.phase.budget.span, label))
    yield CODE.at(
        level.span,
        f"the rollback takes {show_ms(clock)}{slowest_region(context)}, {show_ms(clock - sla)} "
        f"more than the SLA of {show_ms(sla)}",
        labels=labels,
        notes=path_notes(context),
        hint=after_verification_hint(context)
        or "shorten a phase on this path, or take it off the path by letting it run at the same "
        "time as another",
    )
