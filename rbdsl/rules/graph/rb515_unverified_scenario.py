"""A scenario ends without verification, which the full rollback has.

## Why

A partial rollback is chosen when something is only half broken, and so it needs the proof more
than the full one. `only SERVICE` runs the steps for a service and nothing else: the verification
has to be named.

## Bad

```rbplan
service api in production
phase apps "Applications" { budget 2m; step deploy "Deploy" { for api; run `./deploy.sh` } }
phase verification "Verification" { after apps; budget 1m; verify }
scenario api_only "The API alone" { only api }
verification { check health "Healthy" { expect `./health.sh` } }
```

## Good

```rbplan
service api in production
phase apps "Applications" { budget 2m; step deploy "Deploy" { for api; run `./deploy.sh` } }
phase verification "Verification" { after apps; budget 1m; verify }
scenario api_only "The API alone" { only api; run verification }
verification { check health "Healthy" { expect `./health.sh` } }
```

## How it can be fooled

By steps that verify on their own (`expect`): a scenario in which each step does is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB515", "unverified-scenario", Severity.WARNING)

_IN_PART = "of this phase only the steps for the service run, without its `verify`"
_LEFT_OUT = "the verification runs here, and is left out"
PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such scenario."""
    if not context.verifying:
        return
    last = context.verifying[-1]
    for result in context.analysis.scenarios:
        entries = result.timeline.phases
        if not entries or context.verifies(result):
            continue
        steps = [step for entry in entries for step in entry.steps if step.run]
        if steps and all(step.expectations for step in steps):
            continue
        name = result.scenario.name
        why = _IN_PART if last.name.text in result.timeline else _LEFT_OUT
        yield CODE.at(
            name.span,
            f"scenario `{name}` ends without verification",
            labels=(Label(last.name.span, why),),
            hint=f"add `run {last.name}` to it",
        )
