"""A scenario runs the same as the full plan, or as another scenario.

## Why

Two names for one thing: in the incident someone compares them to find the difference, and there
is none. Most often a range was meant to end earlier.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
scenario data_only "The data alone" { run database..apps }
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Applications" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
scenario data_only "The data alone" { run database }
```

## How it can be fooled

It can't be: phases and steps are compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Timeline
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB516", "scenario-repeats", Severity.WARNING)

PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario that runs what an earlier one, or the plan, runs."""
    everything = {phase.name.text for phase in context.plan.phases}
    plan = Label(context.plan.name.span, "the full plan")
    seen = {_content(context.analysis.timeline, everything): ("the full plan", plan)}
    for result in context.analysis.scenarios:
        name = result.scenario.name
        content = _content(result.timeline, context.whole_phases(result.scenario))
        if content in seen:
            what, label = seen[content]
            yield CODE.at(
                name.span,
                f"scenario `{name}` runs exactly what {what} runs",
                labels=(label,),
                hint="remove it, or leave out what it should not run",
            )
        elif content:
            seen[content] = (f"scenario `{name}`", Label(name.span, "runs the same"))


def _content(timeline: Timeline, whole: set[str]) -> frozenset[object]:
    """What runs: of each phase its steps, by identity, and whether its other items run too."""
    found = []
    for entry in timeline.phases:
        phase = entry.phase
        others = len(phase.items) > len(phase.steps) and phase.name.text in whole
        found.append((phase.name.text, tuple(id(step) for step in entry.steps), others))
    return frozenset(found)
