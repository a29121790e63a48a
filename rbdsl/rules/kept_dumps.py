"""The dumps that a plan takes and the commands that load them again, as pairs.

Found by the path of the file between both; a file with several writers has that which wrote last.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.placed_files import PlacedFile

DUMPS = frozenset(["pg_dump", "mysqldump", "mariadb-dump"])
MYSQL = ("mysql", "mariadb")
MYSQL_DUMPS = ("mysqldump", "mariadb-dump")
ADMINISTRATION = frozenset(["postgres", "template1", "defaultdb", "mysql", "sys"])
"""The databases that one connects to, to work on others."""
_NAME = lazy_pattern(r"(?:.*\bdbname=|[a-z]+://[^/]*/)(?P<name>[^\s?&]+)|(?P<bare>[\w.-]+)\Z")


@dataclass(frozen=True)
class Loaded:
    """A dump that a phase loads: the call that takes it, and the one that loads it."""

    dump: PlacedCall
    load: PlacedCall


def loaded_dumps(context: Context) -> Iterator[Loaded]:
    """The dumps that phases load, in the order of the loads."""
    if DUMPS.isdisjoint(context.calls_by_program):
        return
    taken: dict[str, PlacedCall] = {}
    for file in context.files:
        dump = _dump(file)
        if dump is not None:
            taken[file.path] = dump
    for file in context.files if taken else ():
        here = file.place.phase is not None and file.place.role is Role.RUN
        if here and file.restored and file.path in taken and file.reader is not None:
            yield Loaded(taken[file.path], PlacedCall(file.reader, file.place))


def _dump(file: PlacedFile) -> PlacedCall | None:
    if file.use is not Use.WRITE:
        return None
    call = file.file.pipeline[0] if file.file.pipeline else file.file.call
    return PlacedCall(call, file.place) if call and call.program in DUMPS else None


def option(call: Call, *names: str) -> bool:
    """Whether an option is said: a letter of its own or first in a bundle, no letter of a value."""
    return any(
        name in names or (value is None and name[:1] in names and name.isalpha() and len(name) < 4)
        for name, value in call.options
    )


def without_rows(call: Call) -> str:
    """The option by which a dump has no rows; empty where it has them, or is of other things."""
    if call.program == "pg_dump":
        if option(call, "schema-only", "s"):
            return "--schema-only"
        return "--section=pre-data" if call.value("section") == "pre-data" else ""
    if option(call, "no-create-info", "t"):
        return ""  # it is there for triggers and routines
    return "--no-data" if option(call, "no-data", "d") else ""


def only_rows(call: Call) -> str:
    """The option by which a dump, or a load, has nothing that takes away what is there."""
    if call.program in ("pg_dump", "pg_restore"):
        if option(call, "data-only", "a"):
            return "--data-only"
        return "--section=data" if call.value("section") == "data" else ""
    if call.program not in MYSQL_DUMPS or option(call, "no-data", "d"):
        return ""
    if option(call, "no-create-info", "t"):
        return "--no-create-info"
    dropped = option(call, "add-drop-table", "add-drop-database")
    for name in ("skip-add-drop-table", "skip-opt"):
        if call.has(name) and not dropped:
            return f"--{name}"
    return ""


def creates(call: Call) -> bool:
    """Whether a dump, or a load, makes the database of the dump itself: `--create`, `-cC`."""
    return any(
        name == "create" or (value is None and len(name) < 4 and "C" in name)
        for name, value in call.options
    )


def database_of(dump: PlacedCall) -> str:
    """The database that a dump is of; empty where it does not say one, or it is not known."""
    call = dump.call
    named = None if call.program in MYSQL_DUMPS else call.value("d", "dbname")
    return _name(dump.place.settled(named or (call.operands or ("",))[0]))


def database_into(load: PlacedCall) -> str:
    """The database that a load is given; empty where it is given none, or it is not known."""
    call = load.call
    named = call.value("d", "dbname", "D", "database")
    if named is None and call.program != "pg_restore":
        named = (call.operands or ("",))[0]
    return _name(load.place.settled(named or ""))


def _name(text: str) -> str:
    """The name of a database by itself, in a connection string or in an address."""
    found = _NAME.match(text)
    name = (found["name"] or found["bare"] or "") if found else ""
    return "" if "$" in name else name.strip("'\"")
