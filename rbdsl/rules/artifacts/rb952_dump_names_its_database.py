"""A dump that names its own database is loaded into another one, and goes into its own.

## Why

`mysqldump --databases shop` writes `USE shop` into the dump, `pg_dump --create` writes `\\connect
shop`, and `pg_restore --create` takes the name from the archive: the database that the load is
given is where it begins, not where it ends. What was to be loaded beside, to be looked at first,
drops and fills the tables of the live database, while people work in it.

## Bad

```rbplan
capture {
  step dump "Dump" { creates dump "a.sql"; run `mysqldump --databases shop --result-file="$dump"` }
}
phase data "Data" { budget 3m; step load "Load" { uses dump; run `mysql shop_back <"$dump"` } }
```

## Good

```rbplan
capture {
  step dump "Dump" { creates dump "a.sql"; run `mysqldump shop --result-file="$dump"` }
}
phase data "Data" { budget 3m; step load "Load" { uses dump; run `mysql shop_back <"$dump"` } }
```

## How it can be fooled

Sure where both names are known. A plan that edits `USE` or `\\connect` out of the dump, by `sed`
and its kin, is left alone, and so is a load that names no database, the same one, or one for
administration (`postgres`, `mysql`).
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.kept_dumps import (
    ADMINISTRATION,
    DUMPS,
    MYSQL,
    MYSQL_DUMPS,
    Loaded,
    creates,
    database_into,
    database_of,
    loaded_dumps,
    option,
)
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB952", "dump-names-its-database", Severity.WARNING)

_EDITORS = frozenset(["sed", "awk", "gawk", "perl", "grep", "python", "python3", "sd"])
_SWITCHES = lazy_pattern(r"(?i)\buse\b|connect|create database")
PROGRAMS = DUMPS


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each dump that is loaded so: where it is made, or where that is decided."""
    reported: set[int] = set()
    edited: bool | None = None
    for pair in (*loaded_dumps(context), *_piped(context)):
        into = database_into(pair.load)
        if not into or into in ADMINISTRATION or id(pair.dump.call) in reported:
            continue
        found = _of_mysql(pair, into) or _of_postgres(pair, into)
        if found is None:
            continue
        if edited is None:
            edited = _is_edited(context)
        if not edited:
            reported.add(id(pair.dump.call))
            yield found


def _of_mysql(pair: Loaded, into: str) -> Diagnostic | None:
    call = pair.dump.call
    if pair.load.call.program not in MYSQL or call.program not in MYSQL_DUMPS:
        return None
    if option(pair.load.call, "one-database"):
        return None
    if call.has("all-databases") or option(call, "A"):
        said, own = "--all-databases", "every database"
    elif call.has("databases") or option(call, "B"):
        names = [pair.dump.filled(name) for name in call.operands]
        if not names or into in names or any("$" in name for name in names):
            return None
        said, own = "--databases", f"`{names[0]}`"
    else:
        return None
    return CODE.at(
        pair.dump.span,
        f"`{said}` writes `USE` into the dump: the load goes into {own}, and not into `{into}`, "
        "which it is given",
        labels=(Label(pair.load.span, "loaded here"),),
        hint=f"name the database without `{said}`: the load then decides where it goes",
    )


def _of_postgres(pair: Loaded, into: str) -> Diagnostic | None:
    dump, load = pair.dump, pair.load
    if dump.call.program != "pg_dump":
        return None
    own = database_of(dump)
    if not own or own == into:
        return None
    if load.call.program == "pg_restore" and creates(load.call):
        return CODE.at(
            load.span,
            f"`--create` takes the name from the dump: this goes into `{own}`, and not into "
            f"`{into}`, which is only where it connects first",
            labels=(Label(dump.span, f"dumped from `{own}` here"),),
            hint=f"first `createdb {into}`, then load without `--create`",
        )
    if load.call.program == "psql" and creates(dump.call) and not dump.call.has("format", "F"):
        return CODE.at(
            dump.span,
            f"`--create` writes `\\connect {own}` into the dump: the load goes there, and not into "
            f"`{into}`, which it is given",
            labels=(Label(load.span, "loaded here"),),
            hint="leave `--create` out: the load then decides where it goes",
        )
    return None


def _piped(context: Context) -> Iterator[Loaded]:
    """The dumps that go into a load by a pipe."""
    from rbdsl.rules.silence.answers import readers

    for program in sorted(DUMPS & context.calls_by_program.keys()):
        for placed in context.calls_by_program[program]:
            if placed.place.role.acts and placed.call.pipe[-1] in (*MYSQL, "psql", "pg_restore"):
                behind = list(readers(placed))
                if behind and not {call.program for call in behind} & _EDITORS:
                    yield Loaded(placed, PlacedCall(behind[-1], placed.place))


def _is_edited(context: Context) -> bool:
    """Whether something in the plan takes the names out of dumps."""
    return any(
        _SWITCHES.search(placed.call.text)
        for program in _EDITORS & context.calls_by_program.keys()
        for placed in context.calls_by_program[program]
    )
