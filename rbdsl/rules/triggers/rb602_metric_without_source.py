"""A metric has nothing that would tell it from the others.

A Prometheus source needs a query for each metric; an HTTP source needs `${metric}` in its address
or a query.

## Why

The monitor would ask a question without content, get an error or the same number for every
metric, and either never fire or fire for the wrong reason.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio }
triggers { automatic { error_rate > 1% for 2m } }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" {
  error_rate ratio `sum(rate(errors_total[1m])) / sum(rate(requests_total[1m]))`
}
triggers { automatic { error_rate > 1% for 2m } }
```

## How it can be fooled

By a query that asks for something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB602", "metric-without-source", Severity.ERROR)

PARTS = ("metric_sources",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such metric."""
    for source in context.plan.metric_sources:
        addressed = any(ref.name == "metric" for ref in source.address.references)
        bare = [metric for metric in source.metrics if not metric.query]
        if addressed and source.kind.text != "prometheus":
            continue
        if source.kind.text != "prometheus" and len(source.metrics) == 1:
            continue
        for metric in bare:
            prometheus = source.kind.text == "prometheus"
            yield CODE.at(
                metric.name.span,
                f"metric `{metric.name}` has no query"
                + ("" if prometheus else ", and every metric here is read from the same address"),
                labels=(Label(source.address.span, "the same for every metric"),),
                hint="write its query behind it, between backticks"
                if prometheus
                else "write `${metric}` into the address",
            )
