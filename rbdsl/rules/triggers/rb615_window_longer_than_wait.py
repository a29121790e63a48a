"""The verification waits for a metric whose query looks back over a much longer time.

## Why

A rate over the last hour holds the errors of the failed version for most of an hour after the
rollback. Within two minutes it can't come down: a rollback that worked is reported as failed, and
somebody starts the next measure on a healthy system.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" {
  errors ratio `sum(rate(errors_total[1h])) / sum(rate(requests_total[1h]))`
}
verification { metric errors < 1% within 2m }
```

## Good

```rbplan
metrics from prometheus "http://prometheus:9090" {
  errors ratio `sum(rate(errors_total[1m])) / sum(rate(requests_total[1m]))`
}
verification { metric errors < 1% within 2m }
```

## How it can be fooled

By a rule that Prometheus records: only windows in the query itself are seen. Windows below half an
hour, and those up to five times as long as the wait, are not reported. Where hours pass between the
repair and the verification it is a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.metrics import Metric
from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context

CODE = Code("RB615", "window-longer-than-wait", Severity.WARNING)

_SHORTEST_MS = 1_800_000
"""Windows from here on are looked at."""
_TIMES = 5
"""So much longer than the wait they have to be."""
_WINDOW = r"\[((?:\d+(?:ms|[smhdw]))+)(?::[^\]]*)?\]"
_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
PARTS = ("metric_sources",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such bound."""
    plan = context.plan
    for bound in plan.verification.bounds if plan.verification else ():
        metric = plan.metric(bound.metric.text)
        window = _window_ms(metric) if metric else 0
        within = bound.within.ms if bound.within else 0
        if not metric or not metric.query or window < max(_SHORTEST_MS, _TIMES * within):
            continue
        wait = f"within {bound.within}" if bound.within else "at once"
        yield CODE.at(
            bound.span,
            f"`{metric.name}` looks back over {show_ms(window)} and is to hold {wait}: it still "
            "counts what the failed version did",
            labels=(Label(metric.query.span, f"looks back over {show_ms(window)}"),),
            hint="verify a metric with a window of a minute or two",
        )


def _window_ms(metric: Metric) -> int:
    """The longest window of a query; 0 without one."""
    text = metric.query.text if metric.query else ""
    windows = re.findall(_WINDOW, re.sub(_QUOTED, "", text)) if "[" in text else []
    return max((_length_ms(window) for window in windows), default=0)


def _length_ms(window: str) -> int:
    parts = re.findall(r"(\d+)(ms|[smhdw])", window)
    return sum(int(number) * _UNITS[unit] for number, unit in parts)
