"""A rollback that starts by itself stops at a person, and the plan says that it needs none.

`automation full`, automatic triggers, and a gate or manual step in what they run.

## Why

An automatic run never approves a gate by itself. At three in the morning it stops traffic, comes
to the gate, and waits for somebody who has not been woken. Either the gate goes, or the plan says
`automation gated` and the people in it are on call.

## Bad

```rbplan
automation full
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
phase database "Database" {
  budget 5m
  gate dba "DBA confirms" { approvers "dba-oncall"; timeout 2m; otherwise abort }
  step load "Load" { timeout 3m; run `./load.sh` }
}
```

## Good

```rbplan
automation gated
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
phase database "Database" {
  budget 5m
  gate dba "DBA confirms" { approvers "dba-oncall"; timeout 2m; otherwise abort }
  step load "Load" { timeout 3m; run `./load.sh` }
}
```

## How it can be fooled

By a step that asks a person on its own. A gate with `otherwise continue` is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.metrics import Trigger
from rbdsl.model.plan import Automation
from rbdsl.model.steps import Gate, Item, Manual
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import shown

CODE = Code("RB608", "automatic-meets-gate", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each gate or manual step that an automatic run comes to."""
    plan = context.plan
    if not plan.triggers or plan.automation is not Automation.FULL:
        return
    reported: set[int] = set()
    for trigger in plan.triggers.automatic:
        for item in _people_in_the_way(context, trigger):
            if id(item) in reported:
                continue
            reported.add(id(item))
            what = "gate" if isinstance(item, Gate) else "manual step"
            yield CODE.at(
                item.name.span,
                f"the automatic trigger `{shown(trigger)}` starts a run that waits for a person "
                f"at {what} `{item.name}`",
                labels=(Label(trigger.span, "starts it by itself"),),
                hint="say `automation gated`, or let automatic triggers start a scenario "
                f"without `{item.name}`",
            )


def _people_in_the_way(context: Context, trigger: Trigger) -> Iterator[Gate | Manual]:
    """The gates and manual steps at which the run that a trigger starts may stop."""
    plan = context.plan
    items: list[Item] = []
    if trigger.scenario is None:
        items += [item for phase in plan.phases for item in phase.items]
        items += plan.regions.gates if plan.regions else ()
    else:
        scenario = context.analysis.scenario(trigger.scenario.text).scenario
        whole = context.whole_phases(scenario)
        items += [i for phase in plan.phases if phase.name.text in whole for i in phase.items]
    for item in items:
        if isinstance(item, Manual) or (isinstance(item, Gate) and not item.continue_otherwise):
            yield item
