"""What is deleted by a selector is there in the restored version, too.

## Why

Both versions carry the label of the application. The command that is to remove the new one removes
what serves.

## Bad

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase cleanup "Clean up" {
  budget 2m
  step remove "Remove" {
    run `kubectl -n shop delete deployment -l app=shop`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase cleanup "Clean up" {
  budget 2m
  step remove "Remove" {
    run `kubectl -n shop delete deployment -l app=shop,version=3.2.0`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

Only looked at where a service of the plan has two versions. Pods come back by themselves and are
spared, and so is a selector that says a version, a track, a colour, a release or a job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context

CODE = Code("RB887", "selector-meets-both-versions", Severity.WARNING)

_PODS = frozenset(["pod", "pods", "po", "job", "jobs", "event", "events"])
_TELLING = (
    r"(?i)version|track|colou?r|slot|release|revision|instance|canary|hash|deployment|job|blue|green"
    r"|preview|candidate"
)
PROGRAMS = ("kubectl", "oc")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    versions = [
        service.replaced.plain
        for service in context.plan.services
        if service.restored and service.replaced
    ]
    if not versions:
        return
    for placed in acting(context, *PROGRAMS):
        call = placed.call
        if call.operands[:1] != ("delete",):
            continue
        selector = placed.filled(call.value("selector") or "")
        kinds = set(",".join(call.operands[1:2]).split(","))
        if not selector or kinds <= _PODS or re.search(_TELLING, selector) or "$" in selector:
            continue
        if any(version in selector for version in versions):
            continue
        yield CODE.at(
            placed.span,
            f"`{selector}` does not tell the versions apart: both are deleted",
            hint=f"{shown(f'-l {selector},version={versions[0]}')}, or the names",
        )
