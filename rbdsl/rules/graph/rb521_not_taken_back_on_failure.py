"""Something is turned off and on again later, and stays off if a step in between fails.

A warning within a phase, where an `ensure` step is the way back. Only an info where another phase
turns it on again: that it stays off until somebody has looked may be what is wanted.

## Why

Writes are stopped, the restore fails, the run ends: and the database stays read-only, with nobody
looking at the line that would have allowed writes again. The way back belongs into the step's
`undo`, or into an `ensure` step of the phase, which run whatever happens.

## Bad

```rbplan
phase database "Database" {
  budget 3m
  step stop "Stop writes" {
    run `psql -c "alter database shop set default_transaction_read_only = on"`
  }
  step load "Load the dump" { run `./load.sh` }
  step start "Allow writes" {
    run `psql -c "alter database shop set default_transaction_read_only = off"`
  }
}
```

## Good

```rbplan
phase database "Database" {
  budget 3m
  step stop "Stop writes" {
    run `psql -c "alter database shop set default_transaction_read_only = on"`
  }
  step load "Load the dump" { run `./load.sh` }
  ensure step start "Allow writes" {
    run `psql -c "alter database shop set default_transaction_read_only = off"`
  }
}
```

## How it can be fooled

By commands that are worded differently in more than one place, and by a command that is undone
in a script. Opposite words of one and the same command are compared; options that say how, such as
`--timeout`, are left out. Worded in any way are known what closes a database (`set … read_only` and
`reset`, `revoke connect` and `grant connect`), `…/mode/read-only` of a service, and a maintenance
page that is PUT and DELETEd. What is undone with `--all` counts as undone. A file that says
maintenance, read-only and the like is turned by `touch` and `rm`. An application that is stopped
while its data are loaded in place, not in one transaction, is left alone: on data that are there by
halves it had better not start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import in_phases, made
from rbdsl.rules.graph.starts_and_loads import LOADERS, brings_up, loads_by_halves
from rbdsl.rules.switches import Turn, known_values, place, step_switches

CODE = Code("RB521", "not-taken-back-on-failure", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step of that kind."""
    reported: set[int] = set()
    known = known_values(context.plan) if context.switched else {}
    loading, starting = _loading_and_starting(context)
    for first, back in context.switched:
        adjacent = first.phase is back.phase and back.index == first.index + 1
        if first.switch.on or adjacent or id(first.step) in reported:
            continue
        if _taken_back(first, known) or _stays_down(first, back, loading, starting):
            continue
        reported.add(id(first.step))
        within = first.phase is back.phase
        yield CODE.at(
            first.step.name.span,
            f"step `{first.step.name}` is taken back by `{back.step.name}` only if everything in "
            "between succeeds",
            labels=(
                Label(place(first), "turned off here"),
                Label(place(back), "turned on again, unless something fails"),
            ),
            hint=f"write the way back as `undo` of `{first.step.name}`, or make "
            f"`{back.step.name}` an `ensure` step of phase `{first.phase.name}`",
            severity=Severity.WARNING if within else Severity.INFO,
        )


def _loading_and_starting(context: Context) -> tuple[set[int], set[int]]:
    """The steps that load data by halves, and those that bring an application up."""
    if not context.switched or context.acting.keys().isdisjoint(LOADERS):
        return set(), set()
    own = made(context)
    calls = list(in_phases(context))
    loading = {id(call.place.step) for call in calls if loads_by_halves(call, own)}
    return loading, {id(call.place.step) for call in calls if loading and brings_up(call)}


def _stays_down(first: Turn, back: Turn, loading: set[int], starting: set[int]) -> bool:
    """Whether an application better stays down: its data may be loaded by halves in between.

    An `ensure` step that starts it in any case is what RB544 reports.
    """
    if first.phase is not back.phase or id(back.step) not in starting:
        return False
    between = False
    for step in first.phase.steps:
        if step is back.step:
            return False
        if between and id(step) in loading:
            return True
        between = between or step is first.step
    return False


def _taken_back(turn: Turn, known: Mapping[str, str]) -> bool:
    """Whether the step's `undo` or an `ensure` step of its phase turns it back."""
    ways = step_switches(turn.step.undo, turn.step, known)
    for step in turn.phase.ensure:
        ways |= step_switches(step.run, step, known)
    return any(way.undoes(turn.switch) for way in ways)
