"""A scenario turns something off, and leaves out what turns it on again.

The full plan does both; of the scenario's phases only the first one is among them.

## Why

The scenario ends green, and the site stays out of the balance, the workers at zero, the page at
"maintenance": nobody looks for it, for the plan that everybody knows brings it back.

## Bad

```rbplan
phase drain "Drain" { budget 1m; step drain "Drain" { run `./traffic.sh drain north` } }
phase pages "Pages" { after drain; budget 2m; step pages "Pages" { run `./pages.sh 41` } }
phase apps "Apps" { after pages; budget 2m; step apps "Apps" { run `./apps.sh 41` } }
phase back "Back" { after apps; budget 1m; step back "Back" { run `./traffic.sh restore north` } }
scenario pages_only "The pages alone" { run drain, pages }
```

## Good

```rbplan
phase drain "Drain" { budget 1m; step drain "Drain" { run `./traffic.sh drain north` } }
phase pages "Pages" { after drain; budget 2m; step pages "Pages" { run `./pages.sh 41` } }
phase apps "Apps" { after pages; budget 2m; step apps "Apps" { run `./apps.sh 41` } }
phase back "Back" { after apps; budget 1m; step back "Back" { run `./traffic.sh restore north` } }
scenario pages_only "The pages alone" { run drain, pages, back }
```

## How it can be fooled

By commands that are worded differently in more than one place, as RB520 is. What takes a workload
down and brings it up (scaled to 0, and put back from its snapshot), and what closes a database for
writes and opens it, is also known by other words. A scenario that does nothing but turn off is
meant to: it is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import ScenarioResult
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Step
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.graph.stops import Stop, stops_of
from rbdsl.rules.switches import Turn, known_values, place, step_switches
from rbdsl.source import Span

CODE = Code("RB535", "scenario-leaves-it-off", Severity.WARNING)

PARTS = ("scenarios",)


@dataclass(frozen=True, slots=True)
class _Made:
    """A step that turns something, its phase, and where."""

    step: Step
    phase: Phase
    span: Span


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each scenario and step that it leaves off, with the first that turns back."""
    if not context.analysis.scenarios:
        return
    pairs = [(first, back) for first, back in context.switched if not first.switch.on]
    turned = {id(first.step) for first, _ in pairs}
    stops = [stop for stop in stops_of(context) if id(stop.step) not in turned]
    for result in context.analysis.scenarios if stops else ():
        yield from _stopped(result, stops)
    if not pairs:
        return
    known = known_values(context.plan)
    for result in context.analysis.scenarios:
        steps = {id(step) for entry in result.timeline.phases for step in entry.steps}
        made = [turn.switch for turn in context.turns if turn.switch.on and id(turn.step) in steps]
        for entry in result.timeline.phases:
            for step in entry.phase.ensure:
                made.extend(s for s in step_switches(step.run, step, known) if s.on)
        exact = {switch.key for switch in made}
        wide = [switch for switch in made if switch.everything]
        reported: set[int] = set()
        for first, back in pairs:
            if id(first.step) not in steps or id(first.step) in reported:
                continue
            comes_back = first.switch.key in exact or any(s.undoes(first.switch) for s in wide)
            if _goes_on(result, first.step, first.phase) and not comes_back:
                reported.add(id(first.step))
                yield _report(result, _of_turn(first), _of_turn(back))


def _stopped(result: ScenarioResult, stops: list[Stop]) -> Iterator[Diagnostic]:
    """One finding for each step whose applications a scenario takes down and leaves so."""
    phases = [entry.phase for entry in result.timeline.phases]
    steps = {id(step) for entry in result.timeline.phases for step in entry.steps}
    steps |= {id(step) for phase in phases for step in phase.ensure}
    reported: set[int] = set()
    for stop in stops:
        if id(stop.step) not in steps or id(stop.step) in reported:
            continue
        if any(id(up.place.step) in steps for up in stop.ups):
            continue
        back = stop.ups[0].place
        if back.step and back.phase and _goes_on(result, stop.step, stop.phase):
            reported.add(id(stop.step))
            first = _Made(stop.step, stop.phase, stop.span)
            yield _report(result, first, _Made(back.step, back.phase, back.step.name.span))


def _goes_on(result: ScenarioResult, first: Step, phase: Phase) -> bool:
    """Whether the scenario does something else behind what it turns off."""
    steps = phase.steps
    at = next((number for number, step in enumerate(steps) if step is first), len(steps))
    before = {id(step) for step in steps[:at]}
    return any(
        step is not first and step.run is not None and id(step) not in before
        for entry in result.timeline.phases
        for step in entry.steps
    )


def _of_turn(turn: Turn) -> _Made:
    return _Made(turn.step, turn.phase, place(turn))


def _report(result: ScenarioResult, first: _Made, back: _Made) -> Diagnostic:
    scenario = result.scenario
    span = (*(part.span for part in scenario.run), *(name.span for name in scenario.only))
    return CODE.at(
        span[0] if span else scenario.name.span,
        f"scenario `{scenario.name}` runs `{first.step.name}` of `{first.phase.name}`, and leaves "
        f"out `{back.step.name}` of `{back.phase.name}`, which takes it back",
        labels=(
            Label(first.span, "turned off here"),
            Label(back.span, "turned on again here, which is left out"),
        ),
        hint=f"run `{back.phase.name}` there too, or leave `{first.phase.name}` out",
    )
