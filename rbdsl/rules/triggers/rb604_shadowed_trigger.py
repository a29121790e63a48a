"""A trigger never fires first: another one on the same metric always does.

## Why

`> 5% for 5m` beside `> 1% for 2m` is never the one that fires. If it names another scenario, that
scenario is never chosen; if it was meant as the stricter rule, its `for` must be shorter.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m; error_rate > 5% for 5m } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 5m; error_rate > 5% for 1m } }
```

## How it can be fooled

By two metrics that measure the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.metrics import Trigger
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import implies, never, shown

CODE = Code("RB604", "shadowed-trigger", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each trigger that another one makes useless."""
    triggers = context.plan.triggers
    if not triggers:
        return
    for position, trigger in enumerate(triggers.automatic):
        for other_position, other in enumerate(triggers.automatic):
            if other is trigger or other.metric.text != trigger.metric.text or _silent(other):
                continue
            covered = _fires_no_later(other, trigger, triggers.every_ms)
            mutual = covered and _fires_no_later(trigger, other, triggers.every_ms)
            if covered and (not mutual or other_position < position):
                again = shown(trigger) == shown(other)
                yield CODE.at(
                    trigger.span,
                    f"`{shown(trigger)}` "
                    + (
                        "stands here twice"
                        if again
                        else f"never fires first: `{shown(other)}` does"
                    ),
                    labels=(Label(other.span, "first here" if again else "fires no later"),),
                    hint="remove it"
                    if again
                    else "remove it, or let it fire sooner than the other",
                )
                break


def _silent(trigger: Trigger) -> bool:
    """Whether it never fires at all, which RB601 reports."""
    threshold = trigger.threshold
    return not trigger.counts_breaches and never(
        threshold.dimension, trigger.comparison, threshold.value
    )


def _fires_no_later(first: Trigger, second: Trigger, every_ms: int) -> bool:
    """Whether the first trigger has fired whenever the second one fires."""
    if first.counts_breaches or second.counts_breaches:
        alike = first.counts_breaches and second.counts_breaches
        return alike and (first.consecutive or 0) <= (second.consecutive or 0)
    wider = implies(
        second.comparison, second.threshold.value, first.comparison, first.threshold.value
    )
    return wider and _delay(first, every_ms) <= _delay(second, every_ms)


def _delay(trigger: Trigger, every_ms: int) -> int:
    if trigger.hold:
        return trigger.hold.ms
    return (max(trigger.consecutive or 1, 1) - 1) * every_ms
