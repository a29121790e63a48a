"""An artifact is used before, or beside, the phase that creates it.

Or a scenario uses it and leaves that phase out.

## Why

What `capture` makes is there before the rollback begins. What a phase of the rollback makes is
there only after that phase, and the preflight can't look for it.

## Bad

```rbplan
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
phase save "Save what is there" {
  after restore
  budget 2m
  step dump "Dump" { creates dump "now.dump"; run `./dump.sh "$dump"` }
}
```

## Good

```rbplan
phase save "Save what is there" {
  budget 2m
  step dump "Dump" { creates dump "now.dump"; run `./dump.sh "$dump"` }
}
phase restore "Restore" {
  needs save
  budget 3m
  step load "Load" { uses dump; run `./load.sh "$dump"` }
}
```

## How it can be fooled

By a use that is not declared with `uses`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Step
from rbdsl.model.values import Name
from rbdsl.rules.context import Context

CODE = Code("RB804", "used-before-made", Severity.ERROR)

PARTS = ("artifacts",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each use, and for each scenario, of that kind."""
    makers = {
        artifact.name.text: (step, phase)
        for phase in context.plan.phases
        for step in phase.all_steps
        for artifact in step.creates
    }
    captured = {
        artifact.name.text
        for step in (context.plan.capture.steps if context.plan.capture else ())
        for artifact in step.creates
    }
    for phase in context.plan.phases:
        for step in phase.all_steps:
            for use in step.uses:
                if use.text in makers and use.text not in captured:
                    yield from _judge(context, use, (step, phase), makers[use.text])


def _judge(
    context: Context, use: Name, reader: tuple[Step, Phase], maker: tuple[Step, Phase]
) -> Iterator[Diagnostic]:
    step, phase = reader
    made_by, made_in = maker
    if not _in_time(context, reader, maker):
        yield CODE.at(
            use.span,
            f"`{step.name}` uses `{use}` before `{made_by.name}` has made it",
            labels=(Label(made_by.name.span, f"makes it, in phase `{made_in.name}`"),),
            hint=f"say `needs {made_in.name}` in phase `{phase.name}`"
            if made_in is not phase
            else f"move `{made_by.name}` before it",
        )
        return
    for result in context.analysis.scenarios:
        running = {id(s) for entry in result.timeline.phases for s in entry.steps}
        if id(step) in running and id(made_by) not in running:
            name = result.scenario.name
            yield CODE.at(
                use.span,
                f"scenario `{name}` uses `{use}` and leaves out `{made_by.name}`, which makes it",
                labels=(
                    Label(name.span, f"does not run phase `{made_in.name}`"),
                    Label(made_by.name.span, "makes it"),
                ),
                hint=f"add `{made_in.name}` to the scenario",
            )


def _in_time(context: Context, reader: tuple[Step, Phase], maker: tuple[Step, Phase]) -> bool:
    if reader[1] is maker[1]:
        steps = reader[1].all_steps
        return steps.index(maker[0]) <= steps.index(reader[0])
    return context.runs_before(maker[1], reader[1])
