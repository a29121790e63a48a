"""The time that a plan or scenario claims is not the time that its phases take.

A claim that is too short is an error, one that is too long a warning.

## Why

In an incident the scenario is chosen by its time. Whoever reads "8 minutes" and has 8 minutes
left will choose it, and will be a minute late. Sums in prose go wrong when a phase is added or a
budget changed; this one is done by the compiler each time.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase cache "Cache" { after database; budget 1m; step flush "Flush" { run `./flush.sh` } }
scenario data_only "The data alone" { run database..cache; claims 3m }
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase cache "Cache" { after database; budget 1m; step flush "Flush" { run `./flush.sh` } }
scenario data_only "The data alone" { run database..cache; claims 4m }
```

## How it can be fooled

The claim is compared with the budgets (of all phases, those `off_clock` too), not with measured
times; RB904 compares the budgets with those.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Timeline
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Label, Severity
from rbdsl.model.values import Duration, show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.sums import budget_sum, named_sum

CODE = Code("RB304", "claimed-time-differs", Severity.ERROR)

PARTS = ("claims", "scenarios")


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding for the plan and for each scenario."""
    analysis = context.analysis
    if context.plan.claims:
        whole = analysis.whole_ms if analysis.regions else analysis.timeline.total_ms
        yield from _compare("the plan", context.plan.claims, whole, analysis.timeline)
    for result in analysis.scenarios:
        claim, name = result.scenario.claims, result.scenario.name
        if claim:
            timeline = result.timeline
            yield from _compare(f"scenario `{name}`", claim, timeline.total_ms, timeline)


def _compare(who: str, claim: Duration, takes: int, timeline: Timeline) -> Iterator[Diagnostic]:
    if claim.ms == takes or not timeline.phases:
        return
    difference = show_ms(abs(takes - claim.ms))
    short = claim.ms < takes
    same_as_path = takes == sum(timeline[name].budget_ms for name in timeline.critical_path)
    several = same_as_path and len(timeline.critical_path) > 1
    total = budget_sum(timeline, timeline.critical_path) if several else show_ms(takes)
    notes = [f"critical path: {named_sum(timeline, timeline.critical_path)}"] if several else []
    if claim.ms == timeline.clock_ms and timeline.clock_ms != takes:
        notes.append(
            f"{show_ms(claim.ms)} is the time on the SLA's clock, without `off_clock` phases"
        )
    yield CODE.at(
        claim.span,
        f"{who} claims {show_ms(claim.ms)} and takes {show_ms(takes)}"
        + (f": {total}" if several else ""),
        labels=(Label(claim.span, f"{difference} {'short' if short else 'more than needed'}"),),
        notes=notes,
        hint=f"write `claims {show_ms(takes)}`",
        # It may as well be the phases that are wrong.
        fix=Fix(f"claim {show_ms(takes)}", (Edit(claim.span, show_ms(takes)),), safe=False),
        severity=Severity.ERROR if short else Severity.WARNING,
    )
