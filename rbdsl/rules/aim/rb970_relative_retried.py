"""What goes one back from the present state stands in a step that is tried again.

## Why

The first attempt worked, and only its answer was lost: the connection broke, the time limit came,
the `expect` was too early. The second attempt starts from the new state and goes one further: a
migration more is taken back, or what was rolled back is rolled forward again.

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
whether it was done (`where not exists`, `on conflict`, a condition on a mark that it sets), or that
first empties or makes what it fills, is spared. That a step looks first by `done_when` helps where
the run is resumed, but not between two attempts.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import acting, is_retried, shown
from rbdsl.rules.aim.rb855_unpinned_rollback import PROGRAMS as ROLLING_BACK
from rbdsl.rules.aim.rb855_unpinned_rollback import unpinned
from rbdsl.rules.aim.rb856_relative_migration import PROGRAMS as MIGRATING
from rbdsl.rules.aim.rb856_relative_migration import relative as relative_migration
from rbdsl.rules.aim.rb858_relative_commit import relative as relative_commit
from rbdsl.rules.aim.repeated import PROGRAMS as REPEATING
from rbdsl.rules.aim.repeated import repeats
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB970", "relative-retried", Severity.WARNING)

PROGRAMS = frozenset([*ROLLING_BACK, *MIGRATING, "git", *REPEATING])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step, at the first such command."""
    if all(step.retry is None for step in context.plan.steps()):
        return
    reported: set[int] = set()
    for placed in acting(context, *PROGRAMS):
        step = placed.place.step
        if step is None or step.retry is None or not is_retried(placed) or id(step) in reported:
            continue
        again = repeats(placed)
        if again or _goes_further(placed):
            reported.add(id(step))
            attempts = f"each of up to {step.attempts} attempts"
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} adds to what is there: {attempts} does it once more"
                if again
                else f"{shown(placed.call.text)} starts from wherever things stand: {attempts} "
                "goes one further",
                labels=(Label(step.retry.span, "tried again here"),),
                hint="leave `retry` out, or let it note in the same transaction that it was done, "
                "and look at that first"
                if again
                else "name the version to go back to, or leave `retry` out",
            )


def _goes_further(placed: PlacedCall) -> bool:
    program = placed.call.program
    if program == "git":
        found = relative_commit(placed)
        return found is not None and found[1] is not Severity.PEDANTIC
    if program in ROLLING_BACK and unpinned(placed):
        return True
    return program in MIGRATING and bool(relative_migration(placed))
