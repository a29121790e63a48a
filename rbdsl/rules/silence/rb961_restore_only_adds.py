"""A restore that only adds: what the change has altered or added stays.

## Why

`mongorestore` without `--drop` inserts. A document whose key is there keeps its new content, and
what the change added stays: the restore ends with 0, and the data is a mixture of both. Rows
without their tables (`--data-only`, `--no-create-info`) meet the rows that are there: they are
doubled, or refused because of their keys.

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
as does a restore under another name (`--nsTo`). That the target is empty for another reason cannot
be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.kept_dumps import loaded_dumps, only_rows
from rbdsl.rules.kept_objects import CLUSTER
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB961", "restore-only-adds", Severity.WARNING)

_LOADS = ("mongorestore", "mongoimport", "pg_restore", "bq", "mysql", "mariadb", "psql")
_MAKES_ROOM = re.compile(
    r"(?i)drop|truncate|delete|\bremove|createdb|\bcreate (?:database|schema|table|or replace)"
    r"|\binitdb|\brename\b|\bbq rm\b|rm -rf"
)
_HOLDS_DATA = re.compile(r"\b(?:pvc|persistentvolumeclaims?|sts|statefulsets?|ns|namespaces?)\b")
_ROWS = "the rows that are there stay: those of the dump are doubled or refused"
_DOCUMENTS = "what the change altered keeps its new content, what it added stays"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such restore."""
    if context.acting.keys().isdisjoint(_LOADS):
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
