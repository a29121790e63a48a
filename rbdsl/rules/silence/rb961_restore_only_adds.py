"""A restore that only adds: what the change has altered or added stays.

## Why

`mongorestore` without `--drop` inserts. A document whose key is there keeps its new content, and
what the change added stays: the restore ends with 0, and the data is a mixture of both. Rows
without their tables (`--data-only`, `--no-create-info`) meet the rows that are there: they are
doubled, or refused because of their keys. In Cassandra the newer time of writing wins: what the
change wrote, or deleted, stays as it is whatever is imported.

## Bad

```rbplan
phase restore "Restore" {
  budget 3m
  step load "Load" { run `mongorestore --gzip --archive=/backup/menus.archive.gz` }
}
```

## Good

```rbplan
phase restore "Restore" {
  budget 3m
  step load "Load" { run `mongorestore --gzip --drop --archive=/backup/menus.archive.gz` }
}
```

## How it can be fooled

Any command before it that drops, truncates, deletes or creates something counts as making room,
as does a restore under another name (`--nsTo`); for Cassandra only what truncates, drops or creates
a table, or empties its folder of data. That the target is empty for another reason cannot be seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.kept_dumps import loaded_dumps, only_rows
from rbdsl.rules.kept_objects import CLUSTER
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB961", "restore-only-adds", Severity.WARNING)

PROGRAMS = (
    *("mongorestore", "mongoimport", "pg_restore", "bq", "mysql", "mariadb", "psql"),
    *("mysqlimport", "nodetool", "sstableloader", "cqlsh"),
)
_TIMED = frozenset(["nodetool", "sstableloader", "cqlsh"])
"""Those that load into Cassandra, where each cell has the time at which it was written."""
_EMPTIES = lazy_pattern(
    r"(?i)\btruncate\b|\bdrop (?:table|keyspace)|\bcreate (?:table|keyspace)"
    r"|\brm\b.*/data\d*(?:/|\b)|-delete\b"
)
_COPY_FROM = lazy_pattern(r"(?i)\bcopy\b.*\bfrom\s+['\"$]")
_MAKES_ROOM = lazy_pattern(
    r"(?i)drop|truncate|delete|\bremove|createdb|\bcreate (?:database|schema|table|or replace)"
    r"|\binitdb|\brename\b|\bbq rm\b|rm -rf"
)
_HOLDS_DATA = lazy_pattern(r"\b(?:pvc|persistentvolumeclaims?|sts|statefulsets?|ns|namespaces?)\b")
_ROWS = "the rows that are there stay: those of the dump are doubled or refused"
_DOCUMENTS = "what the change altered keeps its new content, what it added stays"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such restore."""
    if context.acting.keys().isdisjoint(PROGRAMS):
        return
    dumps = {one.load.call.start: one for one in loaded_dumps(context)}
    dumped = {(id(one.load.place), at): one.dump.call for at, one in dumps.items()}
    found: list[Diagnostic] = []
    for placed in context.calls:
        if placed.place.phase is None or placed.place.role is not Role.RUN:
            continue
        if _makes_room(placed):
            break
        dump = dumped.get((id(placed.place), placed.call.start))
        option = only_rows(dump) if dump else ""
        if option and dump:
            found.append(_rows(placed, f"{dump.program} {option}"))
        elif reported := _adds(placed):
            found.append(reported)
    yield from found
    yield from _timed(context)


def _timed(context: Context) -> Iterator[Diagnostic]:
    """Loads into Cassandra of what is older than the rows that are there."""
    if context.acting.keys().isdisjoint(_TIMED):
        return
    for placed in context.calls:
        if placed.place.phase is None or placed.place.role is not Role.RUN:
            continue
        said = "\n".join((" ".join(placed.texts), *placed.call.given))
        if _EMPTIES.search(said):
            return
        if _loads_cells(placed, said):
            yield CODE.at(
                placed.span,
                f"`{placed.call.program}` adds rows of an older time to those that are there: what "
                "the change wrote is newer, and wins over each of them",
                hint="`TRUNCATE` the table before it, with the service stopped",
            )


def _loads_cells(placed: PlacedCall, said: str) -> bool:
    call = placed.call
    match call.program:
        case "nodetool":
            return bool({"import", "refresh"} & set(call.operands[:3]))
        case "sstableloader":
            return not call.has("help")
        case "cqlsh":
            return _COPY_FROM.search(said) is not None
    return False


def _makes_room(placed: PlacedCall) -> bool:
    """Whether it takes something away, or makes something new, that may be what is loaded into."""
    call = placed.call
    if call.program in ("pg_restore", "mongorestore", "curl", "ssh"):
        return False
    if call.program in CLUSTER:
        return "delete" in call.operands and _HOLDS_DATA.search(call.text) is not None
    return any(_MAKES_ROOM.search(text) for text in (" ".join(placed.texts), *call.given)) or any(
        _MAKES_ROOM.search(document.text) for document in call.documents
    )


def _adds(placed: PlacedCall) -> Diagnostic | None:
    """What a load by itself leaves as it is."""
    call = placed.call
    match call.program:
        case "mongorestore":
            if not call.has("drop", "dryRun", "nsTo", "help"):
                return _documents(placed, "--drop")
        case "mongoimport":
            if not call.has("drop", "mode", "upsert", "help"):
                return _documents(placed, "--drop")
        case "pg_restore":
            option = only_rows(call)
            if option and not call.has("l", "list", "f", "file"):
                return _rows(placed, f"pg_restore {option}")
        case "mysqlimport":
            if not call.has("delete", "D", "replace", "r"):
                return _rows(placed, "mysqlimport", "--delete")
        case "bq":
            if "load" in call.operands[:1] and not call.has("replace"):
                return _rows(placed, "bq load", "--replace")
    return None


def _documents(placed: PlacedCall, mend: str) -> Diagnostic:
    program = placed.call.program
    return CODE.at(
        placed.span,
        f"without `{mend}`, `{program}` only inserts: {_DOCUMENTS}",
        hint=f"write `{program} {mend} …`, or drop the collections before it",
    )


def _rows(placed: PlacedCall, what: str, mend: str = "") -> Diagnostic:
    return CODE.at(
        placed.span,
        f"`{what}` only adds rows: {_ROWS}",
        hint=f"write `{what} {mend} …`"
        if mend
        else "truncate the tables in the same transaction before it, or dump and load them whole",
    )
