"""A pause of the monitor is shorter than what it waits for.

The cooldown is shorter than the rollback, or `no_data alert after` shorter than two samples.

## Why

The metrics are bad while the rollback runs. A cooldown that ends before it lets the trigger fire
again, in the middle. And an alarm after less than two samples goes off each time that one answer
is late.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers {
  automatic { error_rate > 1% for 2m }
  cooldown 5m
}
phase restore "Restore" { budget 9m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers {
  automatic { error_rate > 1% for 2m }
  cooldown 30m
}
phase restore "Restore" { budget 9m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By budgets that are too small.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB612", "pause-too-short", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding for each of the two pauses."""
    triggers, whole = context.plan.triggers, context.analysis.whole_ms
    if not triggers or not triggers.automatic:
        return
    if triggers.cooldown and triggers.cooldown.ms < whole:
        yield CODE.at(
            triggers.cooldown.span,
            f"the cooldown of {triggers.cooldown} ends before the rollback, which takes "
            f"{show_ms(whole)}",
            hint=f"wait for longer than {show_ms(whole)}",
        )
    after = triggers.no_data.after if triggers.no_data else None
    if after and after.ms < 2 * triggers.every_ms:
        labels = [Label(triggers.every.span, "the interval")] if triggers.every else []
        yield CODE.at(
            after.span,
            f"`alert after {after}` alarms when a single sample is late: they are taken every "
            f"{show_ms(triggers.every_ms)}",
            labels=labels,
            hint=f"wait for at least {show_ms(2 * triggers.every_ms)}",
        )
