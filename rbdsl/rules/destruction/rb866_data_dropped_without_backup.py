"""Data is dropped or truncated, and nothing has kept it before.

## Why

Once the statement has run, the only copy is the backup. Where there is none, or it is taken by
the night job of yesterday, a rollback of a minute has become a loss of data.

## Bad

```rbplan
phase database "Database" {
  budget 1m
  step drop "Drop the table" {
    run `psql -v ON_ERROR_STOP=1 -d shop -c 'set lock_timeout = 3000; drop table orders_v2'`
    expect `./schema-is.sh 41`
  }
}
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates dump "shop.dump" checksum sha256
    run `pg_dump --no-password --format=custom --file="$dump" --dbname=shop`
  }
}
phase database "Database" {
  budget 1m
  step drop "Drop the table" {
    uses dump
    run `psql -v ON_ERROR_STOP=1 -d shop -c 'set lock_timeout = 3000; drop table orders_v2'`
    expect `./schema-is.sh 41`
  }
}
```

## How it can be fooled

A dump, a copy of the table, a renamed table or a script that is called backup counts, where it
runs before by the order of the phases and is not of another database by name; so does a dump that
is read into the database afterwards. A dump of some tables (`--table=orders`) counts for these, one
without rows (`--schema-only`) for none. Whether the copy can be read nobody knows before it is
restored. What this plan has created itself may go. SQL in files is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.damage import DAMAGING
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB866", "data-dropped-without-backup", Severity.WARNING)

_KINDS = ("drop", "truncate", "column")
PROGRAMS = DAMAGING


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each object."""
    removals = Removals(context)
    for placed, damage in removals.damages(*_KINDS):
        part = removals.part_kept(placed, damage)
        yield CODE.at(
            damage.span,
            f"{shown(damage.text)} takes away data that nothing in the plan has kept before",
            labels=[Label(part.placed.span, part.parts.told)] if part and part.parts else (),
            hint=_hint(damage.what, damage.name),
        )


def _hint(what: str, name: str) -> str:
    if what == "table" and name.isidentifier():
        return f"dump it in `capture`, or keep it: `alter table {name} rename to {name}_replaced`"
    return "take a backup of it in `capture` or in an earlier phase"
