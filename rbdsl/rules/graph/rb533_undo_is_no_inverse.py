"""An `undo` does not turn back what its `run` turned.

## Why

`undo` runs when a later step has failed, so it is the least tested line of a plan. One that was
copied from its neighbour scales the wrong service up, or does the same thing again, and leaves the
system in the state that it was to save it from.

## Bad

```rbplan
phase stop "Stop" {
  budget 1m
  step web "Stop web" {
    run  `kubectl -n shop scale deployment/web --replicas=0`
    undo `kubectl -n shop scale deployment/worker --replicas=4`
  }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 1m
  step web "Stop web" {
    run  `kubectl -n shop scale deployment/web --replicas=0`
    undo `kubectl -n shop scale deployment/web --replicas=4`
  }
}
```

## How it can be fooled

Only obvious pairs are judged: the same commands in both, or the same kind of switch (on and off,
scaled to zero and up, stop and start, drain and uncordon) where none of `undo` fits one of `run`.
An `undo` of another kind is taken for right.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import Shell
from rbdsl.rules.context import Context
from rbdsl.rules.shell_text import commands
from rbdsl.rules.switches import known_values, step_switches

CODE = Code("RB533", "undo-is-no-inverse", Severity.WARNING)

_SAY_MORE = frozenset(["psql", "mysql", "mariadb"])
"""Programs whose statements say more than words for on and off tell."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such step."""
    known = known_values(context.plan)
    for step in context.plan.steps():
        if step.run is None or step.undo is None:
            continue
        if commands(step.run.text) == commands(step.undo.text) != ():
            yield _report(step.run, step.undo, "does the same again")
            continue
        made = step_switches(step.run, step, known)
        back = step_switches(step.undo, step, known)
        programs = {switch.program for switch in made} - _SAY_MORE
        related = [s for s in back if s.program in programs]
        if not made or not related or len(related) < len(back):
            continue
        if not any(one.undoes(other) for one in back for other in made):
            same = any(one.key == other.key for one in back for other in made)
            what = "turns it the same way" if same else "turns something else"
            yield _report(step.run, step.undo, what)


def _report(run: Shell, undo: Shell, what: str) -> Diagnostic:
    return CODE.at(
        undo.span,
        f"`undo` does not take back what `run` does: it {what}",
        labels=(Label(run.span, "what is to be taken back"),),
        hint="write the command that brings back the state before `run`",
    )
