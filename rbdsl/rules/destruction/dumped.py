"""What a dump of a database is of: the database that it names, and of its tables all or some.

A part that only the shell knows (`--table="$name"`) may be anything: such a dump counts as whole.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from rbdsl.analysis.calls import Call
from rbdsl.record import dataclass
from rbdsl.rules.destruction.created import plain
from rbdsl.rules.kept_dumps import MYSQL_DUMPS, database_of, without_rows
from rbdsl.rules.placed_calls import PlacedCall

_TABLES = ("t", "table", "table-and-children")
_LEFT_OUT = ("T", "exclude-table", "exclude-table-data", "ignore-table")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a dump holds that is not of all tables with their rows.

    `tables` and `schemas` are all that it has, where it names some; `left_out` are tables that it
    has not. `rows` says whether there are rows in it, `database` which one it is of, where that is
    known. `told` is what a reader has to be told of it.
    """

    tables: tuple[str, ...]
    schemas: tuple[str, ...]
    left_out: tuple[str, ...]
    rows: bool
    database: str
    told: str

    def keep(self, what: str, name: str) -> bool:
        """Whether a table, schema or column of a table is kept; without a name, all of it.

        Tables that are left out by name are left out knowingly: that is all but them. A part of one
        database says nothing of another one.
        """
        if what == "database" and plain(name) != self.database:
            return True
        if not self.rows:
            return False
        if what == "schema":
            return not self.tables and (not self.schemas or _is_among(name, self.schemas))
        if what in ("table", "column") and name:
            if "$" in name:
                return True
            if _is_among(name, self.left_out):
                return False
            schema, dot, _ = plain(name).rpartition(".")
            inside = not self.schemas or not dot or _is_among(schema, self.schemas)
            return inside and (not self.tables or _is_among(name, self.tables))
        return not self.tables  # a schema by name is mostly the only one: `--schema=public`


def parts(placed: PlacedCall) -> Parts | None:
    """What a dump of a part is of; None for one of the whole, and for what is no dump of tables."""
    call = placed.call
    if call.program not in ("pg_dump", *MYSQL_DUMPS):
        return None
    of_mysql = call.program in MYSQL_DUMPS
    bare = without_rows(call)
    tables = _values(placed, *_TABLES) if not of_mysql else _of_mysql(placed)
    schemas = () if of_mysql else _values(placed, "n", "schema")
    left_out = _values(placed, *_LEFT_OUT)
    if any("$" in one for one in (*tables, *schemas, *left_out)) or "*" in tables:
        return None
    if not bare and not tables and not schemas and not left_out:
        return None
    told = f"this has no rows: `{bare}`" if bare else f"this leaves `{', '.join(left_out)}` out"
    if not bare and (tables or schemas):
        told = f"this has `{', '.join((*tables, *schemas))}` and nothing else"
    database = plain(named_database(database_of(placed)))
    return Parts(tables, schemas, left_out, not bare, database, told)


def _values(placed: PlacedCall, *names: str) -> tuple[str, ...]:
    return tuple(placed.filled(v) for name, v in placed.call.options if name in names and v)


def _of_mysql(placed: PlacedCall) -> tuple[str, ...]:
    """The tables behind the database; several databases are named with an option."""
    call = placed.call
    if call.has("databases", "B", "all-databases", "A"):
        return ()
    return tuple(placed.filled(word) for word in call.operands[1:])


def _is_among(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern of a dump is for a name; a schema is only compared where both say one."""
    schema, _, table = plain(name).rpartition(".")
    for written in patterns:
        pattern = written.strip("\"'`").lower().removeprefix("public.")
        theirs, _, own = pattern.rpartition(".")
        if not re.fullmatch(r"[\w.*?-]*", pattern):
            return True  # `orders_(old|new)`: not read
        if fnmatchcase(table, own) and (not schema or not theirs or fnmatchcase(schema, theirs)):
            return True
    return False


def dumped_database(placed: PlacedCall) -> str:
    """The database that a dump is of; empty where it is not said or not known."""
    call = placed.call
    found = call.value("d", "dbname", "databases", "database", "B")
    if not found:
        words = [w for w in call.operands if not re.search(r"[/.]|^\d", w)]
        found = words[0] if len(words) == 1 else ""
    return named_database(placed.filled(found))


def named_database(text: str) -> str:
    """The name in a word that names a database, also as a connection string or an address."""
    match = re.search(r"\bdbname=([\w$-]+)", text) or re.search(r"://[^/]+/([\w$-]+)", text)
    found = match[1] if match else text
    return "" if " " in found or "=" in found or "$" in found or "/" in found else found


def is_dump(call: Call) -> bool:
    """Whether it dumps one database."""
    return call.program in ("pg_dump", "mydumper", *MYSQL_DUMPS)
