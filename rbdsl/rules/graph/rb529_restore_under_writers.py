"""A restore replaces tables while nothing has stopped those who write to them.

## Why

Writes that come in between the drop and the end of the restore fail, or land in a table that is
replaced a moment later, and are lost. Foreign keys of half-restored tables break, and locks of the
running application make the restore wait until its time is over.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "a.dump"; run `pg_dump -Fc -d shop > "$dump"` } }
phase database "Database" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "a.dump"; run `pg_dump -Fc -d shop > "$dump"` } }
phase quiet "Nobody writes" {
  budget 1m
  step scale "Scale to zero" { run `kubectl -n shop scale deployment/shop --replicas=0` }
}
phase database "Database" {
  needs quiet
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## How it can be fooled

Whatever may have stopped the writers before silences it: a command, step or phase that says stop,
drain, read-only, maintenance, traffic and the like. A database that the plan itself has just
created has no writers. Only restores that say that they replace are looked at (`--clean`,
`--drop`), not those in a single transaction, which lock the writers out. A database that only this
plan uses is a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import database, in_phases, made, quiet_before, restores_over

CODE = Code("RB529", "restore-under-writers", Severity.WARNING)

PROGRAMS = ("pg_restore", "mongorestore")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such restore."""
    own: set[str] | None = None
    for call in in_phases(context):
        if not _replaces(call.call) or quiet_before(context, call):
            continue
        own = made(context) if own is None else own
        name = call.filled(database(call.call))
        if name and name not in own:
            yield CODE.at(
                call.span,
                f"`{call.call.program}` replaces what is in `{name}`, and nothing before it stops "
                "those who write to it",
                hint="let a phase before it, which this one `needs`, stop the writers: scale them "
                "to zero, or set the database read-only for them; or restore beside it and "
                "exchange",
            )


def _replaces(call: Call) -> bool:
    """Whether it says that it replaces, table by table and not all at once."""
    at_once = call.has("single-transaction", "1")
    return call.program in PROGRAMS and restores_over(call) and not at_once
