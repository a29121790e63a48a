"""A file is written in a format that its reader can't read.

## Why

`pg_dump` writes SQL unless it is told otherwise, and `pg_restore` refuses SQL. Both commands look
right, each by itself; together they fail at the worst moment, when the new data has already been
stopped, drained or dropped to make way for the restore.

## Bad

```rbplan
capture {
  step dump "Dump" { creates dump "before.sql"; run `pg_dump -d shop > "$dump"` }
}
phase restore "Restore" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## Good

```rbplan
capture {
  step dump "Dump" { creates dump "before.dump"; run `pg_dump --format=custom -d shop > "$dump"` }
}
phase restore "Restore" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## How it can be fooled

By scripts that write or read the file without it being seen. Looked at are dumps of PostgreSQL,
MySQL, MongoDB and Redis, images, tables of `kubectl get` that are to be applied, and compressed
files that nothing unpacks; what is said about these is sure.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Label, Severity
from rbdsl.rules.artifacts.formats import Format, by_name, can_read, reads, written
from rbdsl.rules.context import Context
from rbdsl.rules.placed_files import PlacedFile
from rbdsl.source import Span

CODE = Code("RB816", "unreadable-format", Severity.ERROR)

_WRITERS = {
    "psql": "write it with `pg_dump --format=plain`, or load it with `pg_restore --exit-on-error`",
    "mysql": "load it with the client of the database that it is a dump of",
    "mariadb": "load it with the client of the database that it is a dump of",
    "redis-cli": "put it into the data folder of a stopped server; `--pipe` takes commands",
    "docker load": "write it with `docker save`; `docker export` leaves the layers out",
    "docker import": "read it with `docker load`: `docker import` makes an image of its files",
}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command that reads such a file."""
    files = context.files
    writers: dict[object, list[PlacedFile]] = {}
    for file in files:
        if file.use is Use.WRITE:
            writers.setdefault(file.key, []).append(file)
    for file in files:
        if file.use is not Use.READ:
            continue
        found, writer = _format(file, writers.get(file.key, []))
        reader = reads(file, found) if found else None
        if reader and not can_read(*reader):
            yield _report(file, writer, reader)


def _format(file: PlacedFile, made: list[PlacedFile]) -> tuple[Format | None, PlacedFile | None]:
    """The format that all writers of a file agree on, and the first of them."""
    if not made:
        return by_name(file.path), None
    formats = {written(one) for one in made}
    return (formats.pop(), made[0]) if len(formats) == 1 else (None, None)


def _report(
    file: PlacedFile, writer: PlacedFile | None, reader: tuple[Call, str, Format]
) -> Diagnostic:
    call, name, found = reader
    by = writer.file.pipeline[0] if writer and writer.file.pipeline else None
    who = by.program if by else ""
    if found.packed and name != "mongorestore":
        message = f"`{name}` reads `{file.path}`, which is compressed, and nothing unpacks it"
        hint = f"unpack it: `gunzip -c {file.path} | {call.program} …`"
    else:
        written_as = f", which `{who}` writes as {found}" if who else f", which is {found}"
        message = f"`{name}` can't read `{file.path}`{written_as}"
        hint = _hint(name, found, file.path)
    labels = [Label(writer.command, f"written as {found}")] if writer else []
    return CODE.at(file.command, message, labels=labels, hint=hint, fix=_fix(writer, name, found))


def _hint(name: str, found: Format, path: str) -> str:
    if name == "pg_restore" and found.kind == "plain":
        return (
            "write it with `pg_dump --format=custom`, or load it with "
            f"`psql -v ON_ERROR_STOP=1 -d DATABASE -f {path}`"
        )
    if found.kind == "table":
        return "write it with `-o yaml`"
    if name == "mongorestore":
        return "say `--gzip` in both commands or in none"
    return _WRITERS.get(name, f"write `{path}` in a format that `{name}` reads")


def _fix(writer: PlacedFile | None, name: str, found: Format) -> Fix | None:
    """A dump in plain SQL for `pg_restore` is to be written in its own format."""
    call = writer.file.call if writer else None
    if name != "pg_restore" or found.kind != "plain" or not writer or not call:
        return None
    if call.program != "pg_dump" or call.has("F", "format"):
        return None
    at = writer.place.span(call.words[0].start, call.words[0].end).end
    place = Span(writer.place.shell.span.source, at, at)
    return Fix("dump in the custom format", (Edit(place, " --format=custom"),), safe=False)
