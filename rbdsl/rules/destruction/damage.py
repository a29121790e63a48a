"""What the SQL of a call, or a program like `dropdb`, takes away: object by object."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import Word
from rbdsl.analysis.sql import CLIENTS, database, is_admin_console
from rbdsl.record import dataclass
from rbdsl.rules.destruction.dumped import named_database
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.source import Span

_NAME = r"(?:if exists )?(?:only )?([^\s,;(]+)"
_DROP = rf"(?i)^drop (database|schema|table|keyspace|materialized table|foreign table) {_NAME}"
_TRUNCATE = rf"(?i)^truncate (?:table )?{_NAME}"
_COLUMN = rf"(?i)^alter table {_NAME} .*?\bdrop (?:column )?(?:if exists )?(\w+)"
_NO_COLUMN = frozenset(["constraint", "index", "key", "primary", "foreign", "default", "not"])
_DELETE = rf"(?i)^(?:with .*\) )?delete\s+from {_NAME}"
_UPDATE = rf"(?i)^(?:with .*\) )?update {_NAME}.* set\b"
_WHERE = r"(?i)\bwhere (?!(?:true|1 ?= ?1|1)\s*$)|\busing\b|\bcurrent of\b"
_LIMITED = r"(?i)\b(?:from|join) .*\bwhere\b|\blimit \d"
_MONGO = (
    r"dropDatabase\(|\.drop\(\s*\)|\.(?:deleteMany|remove)\(\s*(?:\{\s*\})?\s*[,)]|dropCollection\("
)
_MONGO_PROGRAMS = ("mongosh", "mongo")
_DROPPERS = {"dropdb": "", "mysqladmin": "drop", "mariadb-admin": "drop"}
DAMAGING = (*_DROPPERS, *_MONGO_PROGRAMS, *CLIENTS)
"""The programs that may take away objects of a database."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One object that is taken away, or emptied.

    `kind` is `drop`, `truncate`, `column`, `delete` or `update` (all rows), `what` the kind of
    object, `database` the one that it is in where that is known.
    """

    kind: str
    what: str
    name: str
    text: str
    span: Span
    start: int = 0
    store: str = "sql"
    database: str = ""


def damages(placed: PlacedCall) -> Iterator[Damage]:
    """Everything that a call takes away."""
    call = placed.call
    if call.program in _DROPPERS:
        yield from _dropped(placed)
    elif call.program in _MONGO_PROGRAMS:
        yield from _of_mongo(placed)
    elif not is_admin_console(call, placed.statements):
        for one in placed.statements:
            found = _read(one.text)
            if found:
                kind, what, name = found
                where = database(call)
                yield Damage(
                    kind,
                    what,
                    placed.filled(name),
                    one.text,
                    span_in(placed, one.start, one.end),
                    one.start,
                    database=placed.filled(name)
                    if what == "database"
                    else named_database(placed.filled(where[0]) if where else ""),
                )


def span_in(placed: PlacedCall, start: int, end: int) -> Span:
    """A stretch of the text that a call stands in: its first line."""
    return placed.span_of(Word("", start, max(end, start + 1)))


def _read(text: str) -> tuple[str, str, str] | None:
    if match := re.match(_DROP, text):
        return "drop", match[1].lower(), match[2]
    if match := re.match(_TRUNCATE, text):
        return "truncate", "table", match[1]
    if (match := re.match(_COLUMN, text)) and match[2].lower() not in _NO_COLUMN:
        return "column", "column", match[1]
    if (match := re.match(_DELETE, text)) and not re.search(_WHERE, text):
        return "delete", "table", match[1]
    if (
        (match := re.match(_UPDATE, text))
        and not re.search(_WHERE, text)
        and not re.search(_LIMITED, text)
        and not text.lower().startswith("update statistics")
    ):
        return "update", "table", match[1]
    return None


def _dropped(placed: PlacedCall) -> Iterator[Damage]:
    call = placed.call
    read = arguments(
        call, "hpUu" if call.program == "dropdb" else "huP", ("host", "port", "username", "user",
        "maintenance-db", "socket")
    )  # fmt: skip
    words = list(read.operands)
    verb = _DROPPERS[call.program]
    if verb and (not words or words.pop(0).text != verb):
        return
    if words:
        name = placed.filled(words[-1].text)
        text = " ".join(w for w in (call.program, verb, words[-1].text) if w)
        yield Damage("drop", "database", name, text, placed.span, database=named_database(name))


def _of_mongo(placed: PlacedCall) -> Iterator[Damage]:
    call = placed.call
    scripts = [word.text for word in call.words[1:]]
    for script in (*scripts, *call.given):
        match = re.search(_MONGO, script)
        if match:
            what = "database" if "Database" in match[0] else "collection"
            yield Damage("drop", what, "", match[0].rstrip(" ,)("), placed.span, store="mongo")
            return
