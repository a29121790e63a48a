"""Less than a tenth of the SLA is left as a buffer.

## Why

One retry, one slow image pull or one slow answer from a colleague, and the SLA is broken. With
1 minute of 15 there is no second try.

## Bad

```rbplan
level 3
phase restore "Restore" {
  budget 14m
  step load "Load the dump" { timeout 14m; run `./load.sh` }
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
from rbdsl.rules.sums import budget_sum
from rbdsl.rules.time.clock import judged_path, slowest_region

CODE = Code("RB303", "thin-buffer", Severity.WARNING)

_LEAST_PERCENT = 10


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for the plan, unless it breaks the SLA (RB301)."""
    analysis = context.analysis
    clock, sla = analysis.slowest_clock_ms, analysis.sla_ms
    buffer = sla - clock
    if buffer < 0 or buffer * 100 >= sla * _LEAST_PERCENT:
        return
    timeline, path, level = analysis.timeline, judged_path(context), context.plan.level
    left = f"leaves {show_ms(buffer)}, {buffer * 100 / sla:.1f} %" if buffer else "leaves nothing"
    yield CODE.at(
        level.span,
        f"the buffer is thin: {show_ms(clock)}{slowest_region(context)} of an SLA of "
        f"{show_ms(sla)} {left}",
        labels=(Label(level.span, budget_sum(timeline, path)),) if len(path) > 1 else (),
        hint=f"leave at least {show_ms(sla * _LEAST_PERCENT // 100)} ({_LEAST_PERCENT} %) for one "
        "retry",
    )
