"""A scenario takes away the version of a service that it keeps serving.

The full plan brings the old version of the service back; the scenario leaves those steps out, and
still runs the cleanup that deletes, drains or scales down the new one.

## Why

"Application OK, database issues": the new application stays, and the last phase deletes it. The
partial rollback ends in an outage that there was no reason for.

## Bad

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after database
  budget 2m
  step deploy "Deploy" { run `kubectl set image deployment/api api=api:v2.0.8` }
}
phase cleanup "Cleanup" {
  after apps
  budget 1m
  step delete "Delete" { run `kubectl delete deployment api-v2.1` }
}
scenario data_only "The data alone" { run database, cleanup }
```

## Good

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after database
  budget 2m
  step deploy "Deploy" { run `kubectl set image deployment/api api=api:v2.0.8` }
}
phase cleanup "Cleanup" {
  after apps
  budget 1m
  step delete "Delete" { run `kubectl delete deployment api-v2.1` }
}
scenario data_only "The data alone" { run database }
```

## How it can be fooled

Commands are known by their words: one that names the service and its old version brings it back,
one that deletes and names the service and its new version takes it away. A script that does either
without naming them is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import ScenarioResult
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Service
from rbdsl.rules.context import Context
from rbdsl.rules.restoring import Command, of_steps, removes_new, restores

CODE = Code("RB517", "removes-what-it-serves", Severity.ERROR)

PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario and service of that kind."""
    plan, results = context.plan, context.analysis.scenarios
    services = [s for s in plan.services if s.restored and s.replaced] if results else []
    commands = context.commands if services else []
    for service in services:
        bringing = [command for command in commands if restores(command, service)]
        taking = [command for command in commands if removes_new(command, service)]
        if not bringing or not taking:
            continue
        for result in results:
            steps = [step for entry in result.timeline.phases for step in entry.steps]
            removed = next(of_steps(taking, steps), None)
            if removed and not any(of_steps(bringing, steps)):
                yield _report(result, service, removed, bringing[0])


def _report(
    result: ScenarioResult, service: Service, removed: Command, bringing: Command
) -> Diagnostic:
    name = result.scenario.name
    return CODE.at(
        name.span,
        f"scenario `{name}` keeps `{service.name}` at {service.replaced}, and takes that away in "
        f"`{removed.step.name}` of `{removed.phase.name}`",
        labels=(
            Label(removed.span, f"takes {service.replaced} away"),
            Label(bringing.span, f"brings {service.restored} back, and is left out"),
        ),
        hint=f"leave `{removed.phase.name}` out of the scenario, or add `{bringing.phase.name}`",
    )
