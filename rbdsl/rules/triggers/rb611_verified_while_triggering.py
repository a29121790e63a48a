"""The verification accepts a value at which an automatic trigger would fire again.

## Why

The rollback ends green with an error rate of 3 %, and the monitor, which fires above 1 %, starts
it again as soon as the cooldown is over. One of the two numbers is not what is meant by healthy.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
verification { metric error_rate < 5% }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
verification { metric error_rate < 0.1% }
```

## How it can be fooled

By a check that compares the metric in its own shell, and by a bound that is taken from a baseline.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.metrics import Trigger
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import UPWARD

CODE = Code("RB611", "verified-while-triggering", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each bound and trigger of that kind."""
    plan = context.plan
    if not plan.triggers or not plan.verification:
        return
    for bound in plan.verification.bounds:
        for trigger in plan.triggers.automatic:
            same = trigger.metric.text == bound.metric.text and not trigger.counts_breaches
            if same and _overlap(bound, trigger):
                yield CODE.at(
                    bound.bound.span,
                    f"`{bound.metric} {bound.relation} {bound.bound}` verifies the rollback at "
                    f"values at which the trigger `{trigger.comparison} {trigger.threshold}` "
                    "starts it again",
                    labels=(Label(trigger.span, f"fires at {trigger.threshold} already"),),
                    hint=f"demand {trigger.threshold} or better",
                )
                break


def _overlap(bound: MetricBound, trigger: Trigger) -> bool:
    """Whether a value passes the bound and breaches the trigger, as far as compiling can tell."""
    if isinstance(bound.bound, FromBaseline):
        return False
    if (bound.comparison in UPWARD) == (trigger.comparison in UPWARD):
        return False
    limit, threshold = bound.bound.value, trigger.threshold.value
    return limit > threshold if trigger.comparison in UPWARD else limit < threshold
