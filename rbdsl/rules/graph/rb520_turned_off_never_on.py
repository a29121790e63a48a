"""A scenario turns off what it never turned on.

The full plan turns something on and later off again, by the same command but for the word; the
scenario runs only the second.

## Why

At best the command fails and the scenario with it, at the very end. At worst it turns off what
somebody else turned on, such as the monitoring of the rollback that is still going on.

## Bad

```rbplan
phase preparation "Preparation" { budget 1m; step watch "Watch" { run `./enable-monitoring.sh` } }
phase apps "Applications" {
  after preparation
  budget 2m
  step deploy "Deploy" { run `./deploy.sh` }
}
phase cleanup "Cleanup" {
  after apps
  budget 1m
  step unwatch "Stop watching" { run `./disable-monitoring.sh` }
}
scenario apps_only "The applications alone" { run apps..cleanup }
```

## Good

```rbplan
phase preparation "Preparation" { budget 1m; step watch "Watch" { run `./enable-monitoring.sh` } }
phase apps "Applications" {
  after preparation
  budget 2m
  step deploy "Deploy" { run `./deploy.sh` }
}
phase cleanup "Cleanup" {
  after apps
  budget 1m
  step unwatch "Stop watching" { run `./disable-monitoring.sh` }
}
scenario apps_only "The applications alone" { run preparation, apps..cleanup }
```

## How it can be fooled

By commands that are worded differently in more than one place. Only opposite words of one and
the same command are compared: `enable` and `disable`, `start` and `stop`, `on` and `off` …
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import Name
from rbdsl.rules.context import Context
from rbdsl.rules.sums import listed
from rbdsl.rules.switches import Turn, place

CODE = Code("RB520", "turned-off-never-on", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each pair of that kind, with all the scenarios."""
    results = context.analysis.scenarios
    if not results:
        return
    running = [
        {id(step) for entry in result.timeline.phases for step in entry.steps} for result in results
    ]
    for first, back in context.switched:
        names = [
            result.scenario.name
            for result, steps in zip(results, running, strict=True)
            if id(back.step) in steps and id(first.step) not in steps
        ]
        if names and first.switch.on:
            yield _report(first, back, names)


def _report(first: Turn, back: Turn, names: list[Name]) -> Diagnostic:
    who, one = listed(name.text for name in names), len(names) == 1
    return CODE.at(
        back.step.name.span,
        f"{'scenario' if one else 'scenarios'} {who} {'runs' if one else 'run'} "
        f"`{back.step.name}` of `{back.phase.name}`, which turns off what only "
        f"`{first.step.name}` of `{first.phase.name}` turns on",
        labels=(
            Label(place(back), "turned off here"),
            Label(place(first), "turned on here, which is left out"),
            *(Label(name.span, f"does not run `{first.phase.name}`") for name in names),
        ),
        hint=f"run `{first.phase.name}` there too, or move the step into a phase that is left out",
    )
