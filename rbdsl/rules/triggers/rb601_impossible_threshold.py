"""A threshold can never be crossed, or is always crossed.

## Why

A part of one is between 0 % and 100 %. `error_rate > 150%` never fires, and looks like protection;
`error_rate >= 0%` fires with the first sample. Most often a percentage was meant: `1` instead
of `1%` is 100 %.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 150% for 2m } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1.5% for 2m } }
```

## How it can be fooled

By a metric that is declared as a `ratio` and gives percents; `ratio in percent` converts those.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.plan import Plan
from rbdsl.model.values import Dimension, Quantity
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import always, never

CODE = Code("RB601", "impossible-threshold", Severity.ERROR)

PARTS = ("triggers", "metric_sources")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such trigger and metric bound."""
    plan = context.plan
    for trigger in plan.triggers.automatic if plan.triggers else ():
        if trigger.counts_breaches:
            continue
        bound, comparison = trigger.threshold, trigger.comparison
        if never(bound.dimension, comparison, bound.value):
            yield _report(bound, f"`{trigger.metric} {comparison} {bound}` never fires")
        elif always(bound.dimension, comparison, bound.value):
            yield _report(bound, f"`{trigger.metric} {comparison} {bound}` fires with any sample")
    for item in plan.verification.bounds if plan.verification else ():
        yield from _bound(plan, item)


def _bound(plan: Plan, item: MetricBound) -> Iterator[Diagnostic]:
    words = f"`{item.metric} {item.relation} {item.bound}`"
    bound, metric = item.bound, plan.metric(item.metric.text)
    if isinstance(bound, FromBaseline):
        if not metric or bound.near or bound.part > -1:
            return
        # All of the baseline and more is taken off: what is left is zero or below it.
        bound = Quantity(metric.dimension, 1 + bound.part, bound.span)
    if not item.comparison:
        return
    if never(bound.dimension, item.comparison, bound.value):
        yield _report(bound, f"{words} can never hold")
    elif always(bound.dimension, item.comparison, bound.value):
        yield _report(bound, f"{words} always holds, and verifies nothing")


def _report(bound: Quantity, message: str) -> Diagnostic:
    ratio = bound.dimension is Dimension.RATIO
    bare = ratio and not str(bound).endswith("%")
    return CODE.at(
        bound.span,
        message,
        labels=(
            Label(
                bound.span,
                f"{'that is ' + format(bound.value * 100, 'f') + ' %; ' if bare else ''}"
                + ("a ratio is between 0 % and 100 %" if ratio else "it is never below 0"),
            ),
        ),
        hint=f"did you mean `{bound}%`?" if bare else None,
    )
