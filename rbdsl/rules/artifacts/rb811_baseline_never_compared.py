"""The capture keeps a baseline, and nothing compares with it.

`baseline` in `capture` keeps what a command prints before the change, as the artifact `baseline`.

## Why

"Back to normal" has to be measured against what normal was. A snapshot that no check looks at
makes the plan seem to do that, and a rollback that leaves the service at half its speed is
verified all the same.

## Bad

```rbplan
capture { baseline `curl --fail --silent --max-time 5 http://metrics-api/snapshot` }
```

## Good

```rbplan
metrics from http "http://metrics-api/${metric}" json ".value" { latency_p99 duration }
capture { baseline `curl --fail --silent --max-time 5 http://metrics-api/snapshot` }
verification {
  metric latency_p99 <= baseline + 10%
  check metrics "Metrics compared to before the change" {
    uses   baseline
    expect `./compare-metrics.sh "$baseline" "$(curl --fail --silent --max-time 5 http://metrics-api/snapshot)"`
  }
}
```

A metric that is compared with its own baseline (`<= baseline + 10%`) needs no snapshot: its value
is recorded by itself.

## How it can be fooled

By a check that `uses baseline` and does not look into it. What is for people only is an artifact
of a step.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context, check_reads, step_reads

CODE = Code("RB811", "baseline-never-compared", Severity.WARNING)

PARTS = ("capture",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    plan = context.plan
    if not plan.capture or not plan.capture.baseline:
        return
    name = plan.capture.baseline.artifact.name
    readers: set[str] = set()
    for item in plan.verification.checks if plan.verification else ():
        readers |= check_reads(item) | {use.shell for use in item.uses}
    for step in (step for phase in plan.phases for step in phase.all_steps):
        readers |= step_reads(step) | {use.shell for use in step.uses}
    if name.shell in readers:
        return
    own = next((f"metric {m.name} <= baseline + 10%" for m in plan.metrics), None)
    yield CODE.at(
        plan.capture.baseline.span,
        "a baseline is kept before the change, and nothing compares with it",
        hint="compare in a check of the verification that `uses baseline` and reads `$baseline`"
        + (f", or write `{own}` there and leave this out" if own else ""),
    )
