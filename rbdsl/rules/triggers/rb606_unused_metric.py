"""A metric is declared, and nothing asks for it.

Neither an automatic trigger nor a bound of the verification names it.

## Why

Someone thought that this number tells when to roll back. The monitor will never read it: the
trigger that was meant has been forgotten.

## Bad

```rbplan
metrics from http "http://metrics/${metric}" json ".value" { error_rate ratio; cpu_usage ratio }
triggers { automatic { error_rate > 1% for 2m } }
```

## Good

```rbplan
metrics from http "http://metrics/${metric}" json ".value" { error_rate ratio; cpu_usage ratio }
triggers { automatic { error_rate > 1% for 2m; cpu_usage > 90% for 3m } }
```

## How it can be fooled

A metric that RB605 already found in the prose is not reported again.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.prose import name_meant, threshold_in

CODE = Code("RB606", "unused-metric", Severity.WARNING)

PARTS = ("metric_sources",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such metric."""
    plan = context.plan
    used = {t.metric.text for t in (plan.triggers.automatic if plan.triggers else ())}
    used |= {b.metric.text for b in (plan.verification.bounds if plan.verification else ())}
    names = [metric.name.text for metric in plan.metrics]
    for text in plan.triggers.manual if plan.triggers else ():
        threshold = threshold_in(text.plain)
        used.add((name_meant(threshold.subject, names) if threshold else None) or "")
    for metric in plan.metrics:
        if metric.name.text not in used:
            yield CODE.at(
                metric.name.span,
                f"metric `{metric.name}` is declared, and neither a trigger nor the verification "
                "asks for it",
                hint="write the trigger that was meant, or remove the metric",
            )
