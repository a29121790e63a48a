"""The dumps that a plan takes and the commands that load them again, as pairs.

Found by the path of the file between both; a file with several writers has that which wrote last.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.placed_files import PlacedFile

DUMPS = frozenset(["pg_dump", "mysqldump", "mariadb-dump"])


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
    if call.program not in ("mysqldump", "mariadb-dump") or option(call, "no-data", "d"):
        return ""
    if option(call, "no-create-info", "t"):
        return "--no-create-info"
    dropped = option(call, "add-drop-table", "add-drop-database")
    for name in ("skip-add-drop-table", "skip-opt"):
        if call.has(name) and not dropped:
            return f"--{name}"
    return ""
