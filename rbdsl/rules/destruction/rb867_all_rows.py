"""`DELETE` or `UPDATE` without a `WHERE`.

## Why

The statement is about every row of the table. It is what is left of a correction when the second
line of it was not pasted, and it succeeds.

## Bad

```rbplan
phase flags "Flags" {
  budget 1m
  step off "Switch the flag off" {
    run `psql -v ON_ERROR_STOP=1 -d shop -c 'update flags set enabled = false'`
    expect `./flag-is-off.sh`
  }
}
```

## Good

```rbplan
phase flags "Flags" {
  budget 1m
  step off "Switch the flag off" {
    run `psql -v ON_ERROR_STOP=1 -d shop -c "update flags set enabled = false where name = 'v2'"`
    expect `./flag-is-off.sh`
  }
}
```

## How it can be fooled

A table with one row needs no `WHERE`. Joins and subqueries that choose the rows count as one. A
statement behind a backup of the database, or about a table of the plan's own, is spared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.damage import DAMAGING
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB867", "all-rows", Severity.WARNING)

PROGRAMS = DAMAGING


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each statement."""
    for _, damage in Removals(context).damages("delete", "update"):
        change = "deletes" if damage.kind == "delete" else "changes"
        yield CODE.at(
            damage.span,
            f"{shown(damage.text)} {change} every row of the table",
            hint="say which rows are meant: `where …`; or back the table up before",
        )
