"""A table is emptied with `restart identity`, and its rows come back with the ids that they had.

## Why

The next new row gets the id 1, which is there already: "duplicate key value violates unique
constraint". Reading works, and so do the counts of the verification; what fails is each new order
or booking, as many times as there were rows.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step rows "Rows of before" {
    timeout 1m
    run ```
      psql -Xqw --single-transaction -v ON_ERROR_STOP=1 -d shop <<'SQL'
      truncate orders restart identity;
      insert into orders select * from orders_before;
      SQL
    ```
    expect `psql -XAtqw -v ON_ERROR_STOP=1 -d shop -c 'select count(*) from orders'` equals "5120"
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step rows "Rows of before" {
    timeout 1m
    run ```
      psql -Xqw --single-transaction -v ON_ERROR_STOP=1 -d shop <<'SQL'
      truncate orders;
      insert into orders select * from orders_before;
      SQL
    ```
    expect `psql -XAtqw -v ON_ERROR_STOP=1 -d shop -c 'select count(*) from orders'` equals "5120"
  }
}
```

A plain `truncate` leaves the numbering where it is; `setval` sets it behind the highest id.

## How it can be fooled

That the rows have their old ids is taken from `copy … from` and `insert … select` without a list of
columns, or with `id` or a name like it in front of it. A plan that speaks of sequences anywhere, or
runs a file of SQL afterwards, is left alone. Only PostgreSQL is judged: others raise the numbering
by the ids that are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.sql import Statement
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import Order, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB984", "numbering-starts-anew", Severity.WARNING)

_EMPTIES = re.compile(r"(?i)\s*truncate\s+(?:table\s+)?(?P<tables>.+?)\s+restart\s+identity\b")
_RESTARTS = re.compile(
    r"(?i)\s*alter\s+table\s+(?P<tables>\S+)\s+alter\s+(?:column\s+)?\S+\s+restart(?:\s+with\s+1)?\s*\Z"
)
_BRINGS = re.compile(
    r"(?is)\\?\bcopy\s+(?P<copied>[\w.\"$]+)\s*(?:\((?P<columns>[^)]*)\))?\s*from\b"
    r"|\binsert\s+into\s+(?P<inserted>[\w.\"$]+)\s*(?:\((?P<own>[^)]*)\)\s*)?"
    r"(?:overriding\s+\w+\s+value\s+)?(?:select|table|values)\b"
)
_KEY = re.compile(r"(?i)\w*id|\w*(?:no|nr|number)\Z")
_MENDS = re.compile(r"(?i)\bsetval\b|\brestart\s+with\s+\S*[^\s1]|\bsequences?\b|_seq\b|serial_seq")
_CLIENTS = ("psql", "usql", "pgcli")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such statement."""
    calls = [
        placed
        for program in _CLIENTS
        for _, placed in context.acting.get(program, ())
        if placed.place.role in (Role.RUN, Role.UNDO)
    ]
    emptied = [
        (placed, found, tables)
        for placed in calls
        for found in placed.statements
        if (tables := _starting_anew(found))
    ]
    if not emptied or any(_mends(placed) for placed in context.calls):
        return
    order = Order(context)
    for placed, found, tables in emptied:
        behind = [c for c in calls if c is placed or order.before(placed, c)]
        if any(_runs_file(one) for one in behind):
            continue
        back = next((one for one in behind if tables & set(_brought(one))), None)
        if back is not None:
            yield _report(placed, found, back, (tables & set(_brought(back))).pop())


def _starting_anew(found: Statement) -> set[str]:
    """The tables whose numbering a statement sets back to 1."""
    match = _EMPTIES.match(found.text) or _RESTARTS.match(found.text)
    return {_plain(name) for name in match["tables"].split(",")} if match else set()


def _plain(name: str) -> str:
    """`only "public"."Orders" *` as `orders`, with another schema before it."""
    words = name.replace('"', "").lower().split()
    words = [word for word in words if word not in ("only", "*")]
    return words[0].removeprefix("public.") if words else ""


def _brought(placed: PlacedCall) -> Iterator[str]:
    """The tables that a call puts rows into, with the ids that these have."""
    for text in (*placed.texts, *map(placed.filled, placed.call.given)):
        for match in _BRINGS.finditer(text):
            columns = match["columns"] or match["own"]
            first = columns.split(",")[0].strip(' "') if columns else "id"
            if _KEY.fullmatch(first) or (columns and re.search(r"(?i)\bid\b", columns)):
                yield _plain(match["copied"] or match["inserted"])


def _mends(placed: PlacedCall) -> bool:
    """Whether a call may set the numbering behind the ids."""
    return any(_MENDS.search(text) for text in (*placed.texts, *placed.call.given))


def _runs_file(placed: PlacedCall) -> bool:
    """Whether it runs SQL that stands elsewhere, which may do anything."""
    texts = (*placed.texts, *placed.call.given)
    return placed.call.has("f", "file") or any(re.search(r"\\ir?\s", text) for text in texts)


def _report(placed: PlacedCall, found: Statement, back: PlacedCall, table: str) -> Diagnostic:
    return CODE.at(
        placed.place.span(*_stretch(placed, found)),
        f"{shown(found.text)} lets the numbering begin at 1, and the rows of `{table}` come back "
        "with the ids that they had: new ones meet them",
        labels=() if back is placed else (Label(back.span, "the rows come back here"),),
        hint="leave `restart identity` out, or set the sequence behind the rows: `select "
        "setval(pg_get_serial_sequence(…), max(id)) …`",
    )


def _stretch(placed: PlacedCall, found: Statement) -> tuple[int, int]:
    """Where the statement is written, up to the end of its line: it may be held by an array."""
    text = placed.place.shell.text
    start = found.start
    if not text[start : found.end].lower().startswith(found.text.split()[0].lower()):
        written = text.rfind(found.text, 0, start)
        start = written if written >= 0 else start
    stop = text.find("\n", start)
    end = start + max(found.end - found.start, len(found.text))
    return start, end if stop < 0 else min(end, stop)
