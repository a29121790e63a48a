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

Commands are known by their words: one that names the service and its old version restores it. A
script that restores or compares versions without naming them is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import ScenarioResult
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Service
from rbdsl.model.proof import Check
from rbdsl.model.steps import Expectation
from rbdsl.rules.context import Context
from rbdsl.rules.restoring import Command, of_steps, restores
from rbdsl.rules.shell_text import mentions_word

CODE = Code("RB513", "scenario-demands-untouched", Severity.WARNING)

PARTS = ("scenarios",)


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
    commands = context.commands if demands and context.analysis.scenarios else []
    for result in context.analysis.scenarios if commands else ():
        if not context.verifies(result):
            continue
        steps = [step for entry in result.timeline.phases for step in entry.steps]
        for item, expectation, service in demands:
            if item.name.text in result.skipped_checks:
                continue
            bringing = [command for command in commands if restores(command, service)]
            if bringing and not any(of_steps(bringing, steps)):
                yield _report(result, item, (expectation, service), bringing[0])


def _demands(expectation: Expectation, service: Service) -> bool:
    if not expectation.matcher or not service.restored:
        return False
    wanted = expectation.matcher.value.plain.replace("\\", "")
    return mentions_word(wanted, service.restored.plain) and mentions_word(
        expectation.shell.text, service.name.text
    )


def _report(
    result: ScenarioResult, item: Check, demand: tuple[Expectation, Service], bringing: Command
) -> Diagnostic:
    scenario, (expectation, service) = result.scenario, demand
    left = f", which leaves it at {service.replaced}," if service.replaced else ""
    matcher = expectation.matcher.span if expectation.matcher else expectation.span
    return CODE.at(
        matcher,
        f"check `{item.name}` demands {service.restored} of `{service.name}`, and scenario "
        f"`{scenario.name}`{left} never restores it",
        labels=(
            Label(bringing.span, f"brings {service.restored} back"),
            Label(scenario.name.span, f"leaves phase `{bringing.phase.name}` out"),
        ),
        hint=f"say `for {bringing.phase.name}` in the check: scenarios without that phase skip it",
    )
