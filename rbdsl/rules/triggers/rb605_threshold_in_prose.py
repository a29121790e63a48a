"""A manual trigger is a threshold on a metric, and no automatic trigger watches it.

## Why

"Database connection errors > 10/minute" is a rule for a machine that stands where only people
read it. The generated monitor does not know it, and at night nobody counts for a minute. What the
prose promises, the configuration has to hold.

## Bad

```rbplan
metrics from http "http://metrics/${metric}" json ".value" {
  error_rate ratio
  db_connection_errors rate
}
triggers {
  automatic { error_rate > 1% for 2m }
  manual { "Database connection errors > 10/minute" }
}
```

## Good

```rbplan
metrics from http "http://metrics/${metric}" json ".value" {
  error_rate ratio
  db_connection_errors rate
}
triggers {
  automatic { error_rate > 1% for 2m; db_connection_errors > 10/min for 1m }
  manual { "User-reported issues > 10/hour" }
}
```

## How it can be fooled

The words of the text are compared with the names of the declared metrics; other words for the
same thing are not recognised. Without a metric, only a text that asks for a *lasting* breach
("for 3 minutes", "3 consecutive") is reported: nobody can see that by eye.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.metrics import Metric
from rbdsl.model.values import Text
from rbdsl.rules.context import Context
from rbdsl.rules.prose import ProseThreshold, name_meant, threshold_in
from rbdsl.rules.triggers.thresholds import UPWARD

CODE = Code("RB605", "threshold-in-prose", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such text."""
    triggers = context.plan.triggers
    if not triggers:
        return
    metrics = {metric.name.text: metric for metric in context.plan.metrics}
    watched = {(t.metric.text, t.comparison in UPWARD) for t in triggers.automatic}
    for text in triggers.manual:
        threshold = threshold_in(text.plain)
        if not threshold:
            continue
        meant = name_meant(threshold.subject, metrics)
        if meant is None and threshold.sustained:
            yield _unmeasured(text, threshold)
        elif meant is not None and (meant, threshold.upward) not in watched:
            yield _unwatched(text, metrics[meant], threshold)


def _unwatched(text: Text, metric: Metric, threshold: ProseThreshold) -> Diagnostic:
    trigger = threshold.as_trigger(metric.name.text, metric.dimension)
    return CODE.at(
        text.span,
        f"“{text.plain}” is a threshold on `{metric.name}`, and no automatic trigger watches it",
        labels=(Label(metric.name.span, "the metric is there, but the monitor never compares it"),),
        hint=f"write it under `automatic`: `{trigger}`",
    )


def _unmeasured(text: Text, threshold: ProseThreshold) -> Diagnostic:
    return CODE.at(
        text.span,
        f"“{text.plain}” has to be measured over time, and no metric says how",
        hint=f"declare a metric for “{threshold.subject}”, and make this an automatic trigger",
    )
