"""A command does not say which database it is about.

## Why

Without one `psql` takes the database that is called like the user who happens to run it. The
statement then fails, or finds a table of the same name. `pg_restore` without one restores nothing.

## Bad

```rbplan
phase database "Database" {
  budget 2m
  step flag "Flag" {
    run `psql -v ON_ERROR_STOP=1 -c "update flags set on = false where name = 'v2'"`
    expect `./flag-is-off.sh`
  }
}
```

## Good

```rbplan
phase database "Database" {
  budget 2m
  step flag "Flag" {
    run `psql -v ON_ERROR_STOP=1 -d shop -c "update flags set on = false where name = 'v2'"`
    expect `./flag-is-off.sh`
  }
}
```

## How it can be fooled

A plan in which `PGDATABASE` or `PGSERVICE` is set somewhere is spared, and so are statements about
the server as a whole. Whether the database that is named is the right one is not known. What a
file holds (`psql -f`) is not seen, and the finding is pedantic then; so it is where a user is
named, whose name the database has by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.sql import database, is_admin_console
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB864", "database-unsaid", Severity.WARNING)

PROGRAMS = frozenset(["psql", "mysql", "mariadb", "pg_restore", "pg_dump"])
_SET = r"PGDATABASE|PGSERVICE|MYSQL_DATABASE|my\.cnf"
_OF_SERVER = (
    r"(?i)(?:alter|create|drop) (?:database|role|user|tablespace|system|publication|server)\b"
    r"|(?:show|set|reset|checkpoint|flush|kill|start|stop|begin|commit|use|grant|revoke|change"
    r"|purge|unlock)\b|select (?:pg_\w+\(|version\(|now\(|current_\w+|1\b|@@)"
    r"|.*\bpg_(?:stat_\w+|database|roles|settings|replication_slots|locks)\b"
    r"|.*\binformation_schema\.|.*\b(?:mysql|performance_schema|sys)\.\w"
)
_USER = frozenset(["U", "username", "u", "user"])
"""With a user it is the database of that name, and often meant."""
_QUALIFIED = r"(?i)\b(?:from|into|update|table(?: if (?:not )?exists)?|join) `?[\w$]+`?\.`?[\w$]+"
_DUMP_LETTERS = "dfhpUnNtTFjLSZ"
_DUMP_NAMES = ("dbname", "file", "host", "port", "username", "format", "jobs", "schema", "table")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call, wherever it stands."""
    found = [
        placed
        for placed in context.calls
        if placed.call.program in PROGRAMS and placed.place.role is not Role.DEPLOY
    ]
    if not found or any(
        re.search(_SET, text) for text in {placed.place.shell.text for placed in found}
    ):
        return
    if any(re.search(_SET, variable.name.text) for variable in context.plan.variables):
        return
    for placed in found:
        if placed.call.program in ("pg_restore", "pg_dump"):
            yield from _of_dump(placed)
        elif is_admin_console(placed.call, placed.statements):
            continue
        elif database(placed.call) is None:
            yield from _of_client(placed)


def _of_client(placed: PlacedCall) -> Iterator[Diagnostic]:
    call = placed.call
    known = [one.text for one in placed.statements]
    if known:
        about = [text for text in known if not re.match(_OF_SERVER, text)]
        if call.program != "psql":
            about = [text for text in about if not re.search(_QUALIFIED, text)]
        if not about or any(text.lower().startswith("use ") for text in known):
            return
    elif call.has("l", "list", "V", "version", "help") or len(call.words) == 1:
        return
    names = {name for name, _ in call.options}
    option = "-d DATABASE" if call.program == "psql" else "-D DATABASE"
    yield CODE.at(
        placed.span,
        f"{shown(call.text)} does not say which database it is about",
        hint=f"say it: `{call.program} {option} …`",
        severity=CODE.severity if known and not _USER.intersection(names) else Severity.PEDANTIC,
    )


def _of_dump(placed: PlacedCall) -> Iterator[Diagnostic]:
    call = placed.call
    read = arguments(call, _DUMP_LETTERS, _DUMP_NAMES)
    if read.values("d", "dbname") or read.has("help", "version", "V"):
        return
    if call.program == "pg_dump":
        if not read.operands:
            yield CODE.at(
                placed.span,
                f"{shown(call.text)} does not say which database it keeps",
                hint="say it: `pg_dump --dbname=DATABASE …`",
            )
    elif not read.has("l", "list", "f", "file") and call.pipe[call.stage + 1 :] == ():
        yield CODE.at(
            placed.span,
            f"{shown(call.text)} restores into no database",
            hint="say which: `pg_restore -d DATABASE …`",
            severity=Severity.ERROR,
        )
