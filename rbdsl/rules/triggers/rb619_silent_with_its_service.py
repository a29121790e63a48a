"""All triggers ask the service that is changed, and a sample that is missing is passed over.

## Why

A version that crashes or hangs gives no samples any more. With `no_data hold`, which also holds
where the plan is silent, nothing is above its threshold then: no trigger fires, and nobody is told.
The worst failure of the change is the one that the monitor can't see.

## Bad

```rbplan
service quotes in production { version "11.9" -> "12.0" }
metrics from http "http://quotes.pricing.svc:8080/stats/${metric}" json ".value" {
  quote_errors ratio
}
triggers {
  automatic { quote_errors > 2% for 2m }
  no_data hold
}
```

## Good

```rbplan
service quotes in production { version "11.9" -> "12.0" }
metrics from http "http://quotes.pricing.svc:8080/stats/${metric}" json ".value" {
  quote_errors ratio
}
triggers {
  automatic { quote_errors > 2% for 2m }
  no_data alert after 1m
}
```

Or a trigger on a metric that something else measures: the load balancer, a probe from outside.

## How it can be fooled

By an address that is not called like its service, and by one that is and belongs to a collector
which goes on where the service does not. Prometheus stands beside what it measures; whether a query
has an answer after a crash is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.metrics import MetricSource
from rbdsl.model.plan import Plan, Service
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.rb607_no_data_unsaid import FROM_LEVEL

CODE = Code("RB619", "silent-with-its-service", Severity.WARNING)

_HOST = lazy_pattern(r"//(?:[^@/]*@)?([^/:?#]+)")
_OF_OTHERS = lazy_pattern(
    r"(?:^|[-.])(?:metrics|stats|statsd|prometheus|monitoring|exporter|collector|grafana|gateway"
    r"|telemetry|probe)(?=[-.]|$)"
)
_PASSED_OVER = ("hold", "reset")
PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    plan, triggers = context.plan, context.plan.triggers
    if triggers is None or not triggers.automatic:
        return
    policy = triggers.no_data
    if policy is None and plan.level.number >= FROM_LEVEL:
        return  # RB607's
    if policy is not None and policy.policy.text not in _PASSED_OVER:
        return
    asked = [_asked(plan, trigger.metric.text) for trigger in triggers.automatic]
    owned = [found for found in asked if found is not None]
    if len(owned) != len(asked):
        return
    source, service = owned[0]
    spans = policy.span if policy else triggers.automatic[0].span
    said = f"`no_data {policy.policy}`" if policy else "`no_data hold`, which holds unless stated,"
    yield CODE.at(
        spans,
        f"when `{service.name}` crashes its metrics stop, and {said} passes that over: nothing "
        "fires, and nobody is told",
        labels=(Label(source.address.span, f"asked of `{service.name}` itself"),),
        hint="say `no_data alert after 1m`, or `breach`; or add a trigger on what something else "
        "measures",
    )


def _asked(plan: Plan, name: str) -> tuple[MetricSource, Service] | None:
    """Where a metric is asked for, and whose that is: a service that the plan takes back."""
    for source in plan.metric_sources:
        if source.kind.text == "http" and any(m.name.text == name for m in source.metrics):
            host = _HOST.search(source.address.plain)
            for service in plan.services if host and not _OF_OTHERS.search(host[1]) else ():
                if host and service.replaced and _is_of(host[1].lower(), service.name.text.lower()):
                    return source, service
    return None


def _is_of(host: str, service: str) -> bool:
    """Whether a host is called like a service: its first part, or that up to a dash."""
    first = host.partition(".")[0]
    return first == service or first.startswith(f"{service}-")
