"""A trigger's `for` is shorter than two sampling intervals.

## Why

With a sample every 15 s, `for 20s` holds two samples at best: one spike that two samples happen
to see rolls back production. A window must hold enough samples for "sustained" to mean anything.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers {
  automatic { error_rate > 1% for 20s }
  every 15s
}
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers {
  automatic { error_rate > 1% for 2m }
  every 15s
}
```

## How it can be fooled

By a metric that is itself an average over a longer window: then a short `for` is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB309", "short-for", Severity.WARNING)

_LEAST_INTERVALS = 2
PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such trigger."""
    triggers = context.plan.triggers
    if not triggers:
        return
    every = triggers.every_ms
    for trigger in triggers.automatic:
        hold = trigger.hold
        if hold and hold.ms < _LEAST_INTERVALS * every:
            label = "the interval" if triggers.every else None
            yield CODE.at(
                hold.span,
                f"`for {hold}` is shorter than two samples, which are taken every {show_ms(every)}",
                labels=[Label(triggers.every.span, label)] if triggers.every and label else (),
                hint=f"wait for at least {show_ms(_LEAST_INTERVALS * every)}, or sample more often",
            )
