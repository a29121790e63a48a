"""A scenario runs nothing.

## Why

`only SERVICE` runs the steps `for` that service. If no step says so, the scenario starts, finds
nothing to do, and reports success.

## Bad

```rbplan
service auth-service in production
phase apps "Applications" { budget 2m; step auth "Deploy auth" { run `./deploy.sh auth` } }
scenario auth_only "Only auth" { only auth-service }
```

## Good

```rbplan
service auth-service in production
phase apps "Applications" {
  budget 2m
  step auth "Deploy auth" { for auth-service; run `./deploy.sh auth` }
}
scenario auth_only "Only auth" { only auth-service }
```

## How it can be fooled

By a step that does nothing. Where the scenario also claims a time, RB305 reports it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.sums import listed

CODE = Code("RB512", "scenario-without-steps", Severity.WARNING)

PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario that runs nothing, or nothing for one of its services."""
    for result in context.analysis.scenarios:
        scenario = result.scenario
        served = {
            service.text
            for entry in result.timeline.phases
            for step in entry.steps
            for service in step.services
        }
        idle = [name for name in scenario.only if name.text not in served]
        if result.timeline.phases and idle:
            yield CODE.at(
                idle[0].span,
                f"scenario `{scenario.name}` runs nothing for "
                f"{listed([n.text for n in idle], 'or')}",
                hint=f"say `for {idle[0]}` in the steps that roll it back",
            )
        elif not result.timeline.phases and not scenario.claims:
            yield CODE.at(
                scenario.name.span,
                f"scenario `{scenario.name}` runs nothing",
                labels=[Label(name.span, f"no step is `for {name}`") for name in idle],
                hint=f"say `for {idle[0]}` in the steps that roll it back"
                if idle
                else "say which phases it runs, e.g. `run preparation, verification`",
            )
