"""An `ensure` step starts the application again also where the load of its data has failed.

## Why

`ensure` steps run whatever happened. Where the load breaks off in the middle, tables are dropped or
half filled, and the step that means well lets the application work on them: it answers that there
is no such coupon, gives numbers twice, and writes rows that the next attempt trips over. A service
that stays down is an incident; one that is wrong is a second one.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "a.sql"; run `mysqldump shop >"$dump"` } }
phase data "Data" {
  budget 5m
  step stop "Stop" { run `kubectl -n shop scale deploy/shop --replicas=0` }
  step load "Load" { uses dump; run `mysql shop <"$dump"` }
  ensure step start "Start" { run `kubectl -n shop scale deploy/shop --replicas=4` }
}
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "a.sql"; run `mysqldump shop >"$dump"` } }
phase data "Data" {
  budget 5m
  step stop "Stop" { run `kubectl -n shop scale deploy/shop --replicas=0` }
  step load "Load" { uses dump; run `mysql shop <"$dump"` }
  step start "Start" { run `kubectl -n shop scale deploy/shop --replicas=4` }
}
```

## How it can be fooled

Reported is what was stopped before a load in place and is started in an `ensure` step of that
phase. A load into a database that the plan has made, or in one transaction (`pg_restore
--single-transaction`), leaves nothing by halves, and an `ensure` step that asks for something
before it starts is taken at its word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before, in_phases, made
from rbdsl.rules.graph.starts_and_loads import (
    LOADERS,
    applications,
    brings_up,
    loads_by_halves,
    takes_down,
)
from rbdsl.rules.objects import Object
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB544", "started-after-failed-load", Severity.WARNING)

_CHANGES_FOLDER = lazy_pattern(r"\bcd \S+ *&&")
_ASKS = lazy_pattern(r"\bif\b|\bcase\b|\[\[?|\btest\b|&&|\|\|")
PROGRAMS = frozenset(LOADERS)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such step."""
    if not any(phase.ensure for phase in context.plan.phases):
        return
    if context.acting.keys().isdisjoint(LOADERS):
        return
    calls = list(in_phases(context))
    stopped = [(call, applications(call)) for call in calls if takes_down(call)]
    own = made(context) if stopped else set()
    by_phase: dict[int, list[PlacedCall]] = defaultdict(list)
    for call in calls if stopped else ():
        by_phase[id(call.place.phase)].append(call)
    for phase in context.plan.phases:
        if phase.ensure and stopped:
            yield from _in(context, phase, by_phase[id(phase)], stopped, own)


def _in(
    context: Context,
    phase: Phase,
    here: list[PlacedCall],
    stopped: list[tuple[PlacedCall, set[Object]]],
    own: set[str],
) -> Iterator[Diagnostic]:
    loads = [call for call in here if loads_by_halves(call, own)]
    ensured = {id(step) for step in phase.ensure}
    if not loads or any(id(load.place.step) in ensured for load in loads):
        return
    judged: set[int] = set()
    for call in here:
        step = call.place.step
        if step is None or id(step) not in ensured or id(step) in judged:
            continue
        if not brings_up(call):
            continue
        before = _CHANGES_FOLDER.sub("", call.place.shell.text[: call.call.start])
        if _ASKS.search(before):
            judged.add(id(step))  # so is what comes behind
            continue
        started = applications(call)
        down = (stop for stop, objects in stopped if objects & started)
        stop = next((s for s in down if comes_before(context, s, loads[0])), None)
        if stop:
            judged.add(id(step))
            yield CODE.at(
                step.name.span,
                f"`{step.name}` starts the application again also where the load has failed: it "
                "works on data that are there by halves",
                labels=(
                    Label(loads[0].span, "may break off in the middle"),
                    Label(call.span, "runs in any case"),
                ),
                hint="make it a step behind the load, or ask in it first whether all is loaded",
            )
