"""A migration tool is told to take everything away.

## Why

`flyway clean`, `alembic downgrade base` and their like do not go back to the version before: they
go back to an empty database. They are made for a developer's machine, and work in production.

## Bad

```rbplan
phase database "Database" {
  budget 1m
  step down "Downgrade" { run `alembic downgrade base`; expect `./schema-is.sh 41` }
}
```

## Good

```rbplan
phase database "Database" {
  budget 1m
  step down "Downgrade" { run `alembic downgrade 8c2f11a9e0d4`; expect `./schema-is.sh 41` }
}
```

## How it can be fooled

A database that holds nothing else may be reset. A backup of it that was taken before, by the order
of the phases, spares the finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import NESTED_RESETS, RESETS
from rbdsl.rules.destruction.removal import Removals
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB868", "schema-reset", Severity.WARNING)

_RUNNERS = frozenset(
    """
    artisan bin/rails bundle console manage.py mix npx php pnpm poetry python python3 rails
    rake uv yarn
    """.split()  # noqa: SIM905 - a list of words is read as one
)
PROGRAMS = _RUNNERS | RESETS.keys()


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    removals = Removals(context)
    for removal in removals.of(RESETS, "sql"):
        yield _report(removal.placed, removal.form.loses)
    for placed in removals.order.acting(*(PROGRAMS - RESETS.keys())):
        loses = _nested(placed)
        if loses and not removals.backups.before(placed, "sql"):
            yield _report(placed, loses)


def _nested(placed: PlacedCall) -> str:
    """What is lost by a tool that another program runs: `bundle exec rails db:drop`."""
    words = [text.rpartition("/")[2] for text in placed.texts]
    if "manage.py" in words and "migrate" in words and words[-1] == "zero":
        return "every table of the application"
    return next((loses for form, loses in NESTED_RESETS.items() if _stands(form, words)), "")


def _stands(form: str, words: list[str]) -> bool:
    left = iter(words)
    return all(word in left for word in form.split())


def _report(placed: PlacedCall, loses: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text)} takes away {loses}, and nothing has kept it before",
        hint="name the version to go back to, and take a backup in `capture`",
    )
