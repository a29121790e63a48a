"""What data is to be restored from is a dump without rows.

## Why

`mysqldump --no-data` and `pg_dump --schema-only` are what one writes to look at a schema, and they
stay in a command line that is copied. The dump is complete and can be read, the restore drops the
table and makes it anew, and it is empty.

## Bad

```rbplan
capture {
  step dump "Dump" {
    creates prices "prices.sql"
    run `mysqldump --no-data shop prices > "$prices"`
  }
}
phase restore "Restore" {
  budget 3m
  step load "Load" { uses prices; run `mysql shop < "$prices"` }
}
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates prices "prices.sql"
    run `mysqldump --single-transaction shop prices > "$prices"`
  }
}
phase restore "Restore" {
  budget 3m
  step load "Load" { uses prices; run `mysql shop < "$prices"` }
}
```

## How it can be fooled

A plan that brings back views or procedures alone needs no rows. A second dump that is loaded, with
rows, silences the rule; so does `--no-create-info`, as what is left are triggers and procedures.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.kept_dumps import DUMPS, loaded_dumps, without_rows

CODE = Code("RB950", "dump-without-rows", Severity.WARNING)

PROGRAMS = DUMPS


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such dump, where it is taken."""
    loaded = list(loaded_dumps(context))
    if not loaded or not all(without_rows(one.dump.call) for one in loaded):
        return
    reported: set[int] = set()
    for one in loaded:
        call = one.dump.call
        if id(call) in reported:
            continue
        reported.add(id(call))
        yield CODE.at(
            one.dump.span,
            f"`{call.program} {without_rows(call)}` leaves the rows out: what is restored from "
            "this is empty",
            labels=[Label(one.load.span, "loaded here")],
            hint=f"leave `{without_rows(call)}` out, and count the rows of the dump",
        )
