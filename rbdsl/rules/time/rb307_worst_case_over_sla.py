"""By its budgets the rollback meets the SLA, by its worst case it does not.

The worst case counts timeouts times attempts, the pauses between them, what each question may take,
and the time that gates may wait; of a phase no more than its time limit, and its `ensure` steps.

## Why

Timeouts and retries are promises too: if each step may be tried three times for two minutes, then
on a bad day it will be. The SLA must hold on that day, or someone must know that it won't.

## Bad

```rbplan
level 3
phase restore "Restore" {
  budget 9m
  step load "Load the dump" { timeout 6m; retry 2 every 10s; run `./load.sh` }
}
```

## Good

```rbplan
level 3
phase restore "Restore" {
  budget 9m
  step load "Load the dump" { timeout 4m; retry 1 every 10s; run `./load.sh` }
}
```

## How it can be fooled

A phase `timeout` cuts the worst case short, by failing the run: the SLA is then met by giving up.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.sums import named_worst_sum

CODE = Code("RB307", "worst-case-over-sla", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for the plan, unless it breaks the SLA by its budgets (RB301)."""
    analysis = context.analysis
    timeline, sla = analysis.timeline, analysis.sla_ms
    worst, clock = timeline.worst_clock_ms, timeline.clock_ms
    if worst <= sla or analysis.slowest_clock_ms > sla or not timeline.phases:
        return
    path = _worst_path(context)
    slowest = max((timeline[name] for name in path), key=lambda e: e.worst_ms - e.budget_ms)
    level = context.plan.level
    yield CODE.at(
        level.span,
        f"at worst the rollback takes {show_ms(worst)}, {show_ms(worst - sla)} more than the SLA "
        f"of {show_ms(sla)}; its budgets come to {show_ms(clock)}",
        labels=(
            Label(
                slowest.phase.name.span,
                f"at worst {show_ms(slowest.worst_ms)}, budget {show_ms(slowest.budget_ms)}",
            ),
        ),
        notes=(f"at worst: {named_worst_sum(timeline, path)}",),
        hint="shorten timeouts, retry fewer times, or give gates less time",
    )


def _worst_path(context: Context) -> list[str]:
    """The phases on the clock whose worst cases add up to the longest path."""
    best: dict[str, tuple[int, list[str]]] = {}
    for entry in context.analysis.timeline.phases:
        if entry.on_clock:
            before = [best[name] for name in entry.predecessors if name in best]
            ms, path = max(before, key=lambda pair: pair[0], default=(0, []))
            best[entry.phase.name.text] = (ms + entry.worst_ms, [*path, entry.phase.name.text])
    return max(best.values(), key=lambda pair: pair[0], default=(0, []))[1]
