"""A scenario runs a phase without one that it `needs`.

## Why

`needs` says: never without. A database that is restored while traffic still flows takes writes
that the restore then destroys. The full run is safe by its order; a scenario picks phases, and so
can leave out the one that makes the next one safe.

## Bad

```rbplan
phase stop_traffic "Stop traffic" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { needs stop_traffic; budget 3m; step load "Load" { run `./load.sh` } }
scenario data_only "The data alone" { run database }
```

## Good

```rbplan
phase stop_traffic "Stop traffic" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase database "Database" { needs stop_traffic; budget 3m; step load "Load" { run `./load.sh` } }
scenario data_only "The data alone" { run stop_traffic, database }
```

## How it can be fooled

By `after` where `needs` is meant: `after` is only an order, for when both run.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import PhaseTime, ScenarioResult
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import Name
from rbdsl.rules.context import Context
from rbdsl.source import Span

CODE = Code("RB511", "scenario-not-closed", Severity.ERROR)

PARTS = ("scenarios",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario and phase that it leaves out."""
    for result in context.analysis.scenarios:
        reported: set[str] = set()
        for entry in result.timeline.phases:
            for needed in entry.phase.needs:
                if needed.text not in result.timeline and needed.text not in reported:
                    reported.add(needed.text)
                    yield _report(result, entry, needed)


def _report(result: ScenarioResult, entry: PhaseTime, needed: Name) -> Diagnostic:
    scenario = result.scenario
    return CODE.at(
        _place(result, entry),
        f"scenario `{scenario.name}` runs `{entry.phase.name}` without `{needed}`, which it needs",
        labels=(Label(needed.span, f"`{entry.phase.name}` must never run without it"),),
        hint=f"add `{needed}` to the scenario, or say `after` in `{entry.phase.name}` if only the "
        "order matters",
    )


def _place(result: ScenarioResult, entry: PhaseTime) -> Span:
    """Where the scenario names the phase, or the service whose steps stand in it."""
    scenario = result.scenario
    for part in scenario.run:
        if part.last is None and part.first.text == entry.phase.name.text:
            return part.span
    services = {service.text for step in entry.steps for service in step.services}
    for name in scenario.only:
        if name.text in services:
            return name.span
    ranges = [part.span for part in scenario.run if part.last]
    return ranges[0] if ranges else scenario.name.span
