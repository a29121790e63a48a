"""Two triggers on one metric leave no value at which neither of them fires.

## Why

`> 5%` and `< 10%` together fire at any value: the rollback starts with the first samples, on a
healthy system. Most often one of the comparisons points the wrong way.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { success_rate ratio `success` }
triggers { automatic { success_rate < 99% for 2m; success_rate > 50% for 2m } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { success_rate ratio `success` }
triggers { automatic { success_rate < 99% for 2m } }
```

## How it can be fooled

By two metrics that measure the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.metrics import Trigger
from rbdsl.model.steps import Comparison
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import UPWARD

CODE = Code("RB603", "contradictory-triggers", Severity.ERROR)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such pair, at the second trigger."""
    by_metric: dict[str, list[Trigger]] = {}
    for trigger in context.plan.triggers.automatic if context.plan.triggers else ():
        if not trigger.counts_breaches:
            by_metric.setdefault(trigger.metric.text, []).append(trigger)
    for triggers in by_metric.values():
        for first, second in combinations(triggers, 2):
            if _cover_everything(first, second):
                yield CODE.at(
                    second.span,
                    f"`{second.metric}` has no value left at which no trigger fires",
                    labels=(Label(first.span, "fires at the other values"),),
                    hint="turn one of the comparisons, or remove it",
                )


def _cover_everything(first: Trigger, second: Trigger) -> bool:
    rising, falling = (first, second) if first.comparison in UPWARD else (second, first)
    if rising.comparison not in UPWARD or falling.comparison in UPWARD:
        return False
    low, high = rising.threshold.value, falling.threshold.value
    touching = rising.comparison is Comparison.GREATER_EQUAL or (
        falling.comparison is Comparison.LESS_EQUAL
    )
    return low < high or (low == high and touching)
