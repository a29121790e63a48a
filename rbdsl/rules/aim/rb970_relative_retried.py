"""What goes one back from the present state, or adds to it, stands in a step that is run again.

## Why

The first attempt worked, and only its answer was lost: the connection broke, the time limit came,
the `expect` was too early. The second attempt starts from the new state and goes one further: a
migration more is taken back, or what was rolled back is rolled forward again. `rerunnable` promises
that a second run does no harm, and a resumed run believes it: points are taken off twice.

## Bad

```rbplan
phase schema "Schema" {
  budget 5m
  step down "Downgrade" {
    timeout 90s
    retry 2 every 10s
    run `bin/rails db:rollback STEP=1`
    expect `./schema-is.sh 41`
  }
}
```

## Good

```rbplan
phase schema "Schema" {
  budget 5m
  step down "Downgrade" {
    timeout 90s
    retry 2 every 10s
    run `bin/rails db:migrate VERSION=20251101120000`
    expect `./schema-is.sh 41`
  }
}
```

## How it can be fooled

The commands are those of RB855, RB856 and RB858, statements of SQL that count on (`set n = n - 1`,
`points = w.points - b.points`) or copy rows into a table, counters and lists of Redis, posts that
book, `>>` to a file of settings; scripts are not looked into. SQL that says in its own words
whether it was done (`where not exists`, `on conflict`, a condition on what it sets, a row in a
table of what is done), or that first empties or makes what it fills, is spared. That a step looks
first by `done_when` helps where the run is resumed, but not between two attempts. Of a step that is
`rerunnable` and has no `retry` only what adds counts: what goes one back is RB855's, RB856's and
RB858's.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Retry, Step
from rbdsl.rules.acting import acting, is_retried, shown
from rbdsl.rules.aim.rb855_unpinned_rollback import PROGRAMS as ROLLING_BACK
from rbdsl.rules.aim.rb855_unpinned_rollback import unpinned
from rbdsl.rules.aim.rb856_relative_migration import PROGRAMS as MIGRATING
from rbdsl.rules.aim.rb856_relative_migration import relative as relative_migration
from rbdsl.rules.aim.rb858_relative_commit import relative as relative_commit
from rbdsl.rules.aim.repeated import PROGRAMS as REPEATING
from rbdsl.rules.aim.repeated import repeats
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB970", "relative-retried", Severity.WARNING)

_NOTE = "let it note in the same transaction that it was done, and look at that first"

PROGRAMS = frozenset([*ROLLING_BACK, *MIGRATING, "git", *REPEATING])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step, at the first such command; at `rerunnable` where that is said."""
    if all(step.retry is None and step.rerunnable is None for step in context.plan.steps()):
        return
    reported: set[int] = set()
    for placed in acting(context, *PROGRAMS):
        step = placed.place.step
        if step is None or placed.place.role is not Role.RUN or id(step) in reported:
            continue
        retried = is_retried(placed)
        promised = step.rerunnable if retried or step.done_when is None else None
        again = (retried or promised is not None) and repeats(placed)
        if again and promised is not None:
            yield _broken_promise(placed, step, promised)
        elif retried and step.retry and (again or _goes_further(placed)):
            yield _report(placed, step.retry, step.attempts, again=again)
        else:
            continue
        reported.add(id(step))


def _report(placed: PlacedCall, retry: Retry, attempts: int, *, again: bool) -> Diagnostic:
    each = f"each of up to {attempts} attempts"
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text)} adds to what is there: {each} does it once more"
        if again
        else f"{shown(placed.call.text)} starts from wherever things stand: {each} goes one "
        "further",
        labels=(Label(retry.span, "tried again here"),),
        hint=f"leave `retry` out, or {_NOTE}"
        if again
        else "name the version to go back to, or leave `retry` out",
    )


def _broken_promise(placed: PlacedCall, step: Step, promised: Span) -> Diagnostic:
    labels = [Label(placed.span, "adds to what is there")]
    if step.retry:
        labels.append(Label(step.retry.span, "tried again here"))
    return CODE.at(
        promised,
        f"{shown(placed.call.text)} adds to what is there, and may not simply be run again: a "
        "second run does it once more",
        labels=tuple(labels),
        hint=f"leave `rerunnable` {'and `retry` ' if step.retry else ''}out, or {_NOTE}",
    )


def _goes_further(placed: PlacedCall) -> bool:
    program = placed.call.program
    if program == "git":
        found = relative_commit(placed)
        return found is not None and found[1] is not Severity.PEDANTIC
    if program in ROLLING_BACK and unpinned(placed):
        return True
    return program in MIGRATING and bool(relative_migration(placed))
