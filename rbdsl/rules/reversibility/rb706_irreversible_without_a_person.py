"""An automatic trigger runs an irreversible phase, and no gate stands before it.

## Why

The rollback itself has a point of no return here. A machine that got one number wrong may start a
run that can be stopped; it should not make one that can't be taken back.

## Bad

```rbplan
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
phase apply "Apply" { budget 3m; irreversible; step apply "Apply" { run `./apply.sh` } }
```

## Good

```rbplan
automation gated
metrics from prometheus "http://prometheus:9090" { error_rate ratio `errors` }
triggers { automatic { error_rate > 1% for 2m } }
phase review "Review" {
  budget 2m
  gate go "Apply it?" { approvers "sre-lead"; timeout 2m; otherwise abort }
}
phase apply "Apply" {
  needs review
  budget 3m
  irreversible
  step apply "Apply" { run `./apply.sh` }
}
```

## How it can be fooled

By a step that can't be undone in a phase that does not say so. With `automation gated` a person
runs the command that the monitor tells, and nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Timeline
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Automation, Phase
from rbdsl.model.steps import Gate, Item, Manual, Step
from rbdsl.rules.context import Context
from rbdsl.rules.triggers.thresholds import shown

CODE = Code("RB706", "irreversible-without-a-person", Severity.WARNING)

PARTS = ("triggers",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase, with the first trigger that reaches it."""
    triggers = context.plan.triggers
    if context.plan.automation is not Automation.FULL:
        return  # the monitor only says which command a person is to run
    for phase in context.plan.phases:
        if not phase.irreversible:
            continue
        for trigger in triggers.automatic if triggers else ():
            timeline = (
                context.analysis.scenario(trigger.scenario.text).timeline
                if trigger.scenario
                else context.analysis.timeline
            )
            if phase.name.text in timeline and not person_before(context, timeline, phase):
                yield CODE.at(
                    phase.irreversible,
                    f"`{shown(trigger)}` starts a run of the irreversible phase `{phase.name}` "
                    "with no person before it",
                    labels=(Label(trigger.span, "starts by itself"),),
                    hint="put a gate before its first step, with `otherwise abort`",
                )
                break


def person_before(context: Context, timeline: Timeline, phase: Phase) -> bool:
    """Whether somebody has to say yes, or to do something, before the first step of a phase."""
    for item in phase.items:
        if isinstance(item, Step):
            break
        if _stops(item):
            return True
    earlier = (e.phase for e in timeline.phases if context.runs_before(e.phase, phase))
    return any(_stops(item) for before in earlier for item in before.items)


def _stops(item: Item) -> bool:
    return isinstance(item, Manual) or (isinstance(item, Gate) and not item.continue_otherwise)
