"""A scenario verifies a version that it never brings back.

A check demands the restored version of a service, the full rollback restores it, and the scenario
leaves those steps out.

## Why

The check fails each time, on a rollback that worked. People learn that this scenario "always ends
red", and then the one real failure is waved through.

## Bad

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after database
  budget 2m
  step deploy "Deploy" { for api; run `./deploy.sh api v2.0.8` }
}
phase verification "Verification" { after apps; budget 1m; verify }
scenario data_only "The data alone" { run database, verification }
verification { check versions "Versions" { expect `./version.sh api` equals "v2.0.8" } }
```

## Good

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" {
  after database
  budget 2m
  step deploy "Deploy" { for api; run `./deploy.sh api v2.0.8` }
}
phase verification "Verification" { after apps; budget 1m; verify }
scenario data_only "The data alone" { run database, verification }
verification { check versions "Versions" { for api; expect `./version.sh api` equals "v2.0.8" } }
```

## How it can be fooled

By a version that does not stand in the plan as it stands in the expectation, for example in a
script that compares it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import ScenarioResult
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Service
from rbdsl.model.steps import Expectation, Step
from rbdsl.model.surroundings import Check
from rbdsl.rules.context import Context
from rbdsl.rules.shell_text import mentions_word

CODE = Code("RB513", "scenario-demands-untouched", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario, check and service of that kind."""
    plan = context.plan
    demands = [
        (item, expectation, service)
        for item in (plan.verification.checks if plan.verification else ())
        for expectation in item.expectations
        for service in plan.services
        if _demands(expectation, service)
    ]
    full = [step for phase in plan.phases for step in phase.steps]
    for result in context.analysis.scenarios:
        if not context.verifies(result):
            continue
        running = [step for entry in result.timeline.phases for step in entry.steps]
        for item, expectation, service in demands:
            skipped = item.name.text in result.skipped_checks
            if not skipped and _restores(full, service) and not _restores(running, service):
                yield _report(result, item, expectation, service)


def _demands(expectation: Expectation, service: Service) -> bool:
    if not expectation.matcher or not service.restored:
        return False
    wanted = expectation.matcher.value.plain.replace("\\", "")
    return mentions_word(wanted, service.restored.plain) and mentions_word(
        expectation.shell.text, service.name.text
    )


def _restores(steps: list[Step], service: Service) -> bool:
    """Whether one of the steps is for the service, or names it."""
    name = service.name.text
    return any(
        any(n.text == name for n in step.services)
        or (step.run and mentions_word(step.run.text, name))
        or any(mentions_word(binding.value.plain, name) for binding in step.bindings)
        for step in steps
    )


def _report(
    result: ScenarioResult, item: Check, expectation: Expectation, service: Service
) -> Diagnostic:
    scenario = result.scenario
    left = f", which leaves it at {service.replaced}," if service.replaced else ""
    matcher = expectation.matcher.span if expectation.matcher else expectation.span
    return CODE.at(
        matcher,
        f"check `{item.name}` demands {service.restored} of `{service.name}`, and scenario "
        f"`{scenario.name}`{left} never restores it",
        labels=(Label(scenario.name.span, f"runs no step for `{service.name}`"),),
        hint=f"say `for {service.name}` in the check: scenarios that leave the service out skip it",
    )
