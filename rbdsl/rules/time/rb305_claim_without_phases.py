"""A scenario claims a time, and runs nothing that would take it.

## Why

The claim stands for work that the plan does not hold: a scenario for one service without a
single step `for` it claims 4 minutes in which nothing happens. Whoever runs it in an incident
sees success and an unchanged system.

## Bad

```rbplan
service auth-service in production
phase apps "Applications" { budget 2m; step auth "Deploy auth" { run `./deploy.sh auth` } }
scenario auth_only "Only auth" { only auth-service; claims 4m }
```

## Good

```rbplan
service auth-service in production
phase apps "Applications" {
  budget 2m
  step auth "Deploy auth" { for auth-service; run `./deploy.sh auth` }
}
scenario auth_only "Only auth" { only auth-service; claims 2m }
```

## How it can be fooled

By a step that does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.sums import listed

CODE = Code("RB305", "claim-without-phases", Severity.ERROR)

PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding for each scenario."""
    for result in context.analysis.scenarios:
        scenario = result.scenario
        if scenario.claims and not result.timeline.phases:
            labels = [Label(name.span, f"no step is `for {name}`") for name in scenario.only]
            yield CODE.at(
                scenario.claims.span,
                f"scenario `{scenario.name}` claims {scenario.claims} and runs nothing",
                labels=labels,
                hint=f"say `for {scenario.only[0]}` in the steps that roll back "
                f"{listed(name.text for name in scenario.only)}"
                if scenario.only
                else "say which phases it runs",
            )
