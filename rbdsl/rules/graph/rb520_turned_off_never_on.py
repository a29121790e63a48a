"""A scenario turns off what it never turned on.

The full plan turns something on and later off again, by the same command but for the word; the
scenario runs only the second.

## Why

At best the command fails and the scenario with it, at the very end. At worst it turns off what
somebody else turned on, such as the monitoring of the rollback that is still going on.

## Bad

```rbplan
phase preparation "Preparation" { budget 1m; step watch "Watch" { run `./enable-monitoring.sh` } }
phase apps "Applications" { after preparation; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
phase cleanup "Cleanup" { after apps; budget 1m; step unwatch "Stop watching" { run `./disable-monitoring.sh` } }
scenario apps_only "The applications alone" { run apps..cleanup }
```

## Good

```rbplan
phase preparation "Preparation" { budget 1m; step watch "Watch" { run `./enable-monitoring.sh` } }
phase apps "Applications" { after preparation; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
phase cleanup "Cleanup" { after apps; budget 1m; step unwatch "Stop watching" { run `./disable-monitoring.sh` } }
scenario apps_only "The applications alone" { run preparation, apps..cleanup }
```

## How it can be fooled

By commands that are worded differently in more than one place. Only opposite words of one and
the same command are compared: `enable` and `disable`, `start` and `stop`, `on` and `off` …
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.switches import pairs

CODE = Code("RB520", "turned-off-never-on", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario and pair of that kind."""
    if not context.analysis.scenarios:
        return
    found = [(first, back) for first, back in pairs(context) if first.switch.on]
    for result in context.analysis.scenarios:
        running = {id(step) for entry in result.timeline.phases for step in entry.steps}
        for first, back in found:
            if id(back.step) not in running or id(first.step) in running:
                continue
            name = result.scenario.name
            yield CODE.at(
                back.step.name.span,
                f"scenario `{name}` runs `{back.step.name}`, which turns off what only "
                f"`{first.step.name}` of phase `{first.phase.name}` turns on",
                labels=(
                    Label(back.step.name.span, f"`{back.switch.word}`"),
                    Label(first.step.name.span, f"`{first.switch.word}`, left out"),
                    Label(name.span, f"does not run `{first.phase.name}`"),
                ),
                hint=f"run `{first.phase.name}` in the scenario too, or move the step into a phase "
                "that it leaves out",
            )
