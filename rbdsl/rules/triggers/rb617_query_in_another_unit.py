"""The query of a metric gives another unit than the metric is declared with.

A `ratio` is a part of one, a `duration` is in milliseconds and a `rate` per minute, unless the
declaration says `in percent`, `in s` or `in /s`.

## Why

`100 * errors / requests`, declared as a `ratio`, turns 2 % into 200 %: one failure in five thousand
requests rolls everything back. The other way round, seconds taken for milliseconds, no threshold
is ever crossed, and nobody notices before the night on which it should have been.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" {
  failures ratio `100 * sum(rate(failed_total[5m])) / sum(rate(all_total[5m]))`
}
triggers { automatic { failures > 2% for 3m } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" {
  failures ratio in percent `100 * sum(rate(failed_total[5m])) / sum(rate(all_total[5m]))`
}
triggers { automatic { failures > 2% for 3m } }
```

## How it can be fooled

By series whose names lie about their unit, and by rules that Prometheus records. Judged are a
factor of 100, quotients of sums and rates, quantiles and means of series that are called
`_seconds` or `_ms`, and `rate(…)` of counters, where no other number changes them. Of metrics of
`http` only the name is seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.query_units import mismatch, named_otherwise

CODE = Code("RB617", "query-in-another-unit", Severity.WARNING)

PARTS = ("metric_sources",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such metric."""
    for source in context.plan.metric_sources:
        asked = source.kind.text == "prometheus"
        for metric in source.metrics:
            found = mismatch(metric) if asked else named_otherwise(metric)
            if found is None:
                continue
            what = "its query" if asked else "by its name it"
            yield CODE.at(
                metric.query.span if asked and metric.query else metric.span,
                f"`{metric.name}` is declared in {found.taken}, and {what} gives {found.gives}: "
                f"{found.comes}",
                hint=found.hint,
            )
