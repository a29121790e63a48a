"""The SQL that a call hands to a database: each statement with its place, and the database.

From `-c`, here-documents, here-strings and `echo … |`. Comments are left out, and what is in
strings stays whole. What a file holds (`-f`) is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rbdsl.analysis.arguments import Arguments, arguments
from rbdsl.analysis.calls import Call, Word
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with single blanks between its words; `start` and `end` are offsets in the text
    that the call stands in.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Client:
    """How a program is told its SQL, its database and its server. `operand` is the place of the
    database among the operands, -1 for none; the operands from `sql_from` on are SQL.
    """

    letters: str
    sql: tuple[str, ...]
    database: tuple[str, ...]
    operand: int
    sql_from: int = 99
    names: tuple[str, ...] = ()
    attached: str = ""


_MYSQL = _Client(
    "hueDPS",
    ("e", "execute"),
    ("D", "database"),
    0,
    names=("host", "user", "execute", "database", "port", "defaults-file", "socket"),
    attached="p",
)
CLIENTS = {
    "psql": _Client(
        "cdfhLopPRFTUv",
        ("c", "command"),
        ("d", "dbname"),
        0,
        names=(
            *("command", "dbname", "file", "host", "log-file", "output", "port", "pset"),
            *("record-separator", "field-separator", "username", "set", "variable"),
        ),
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite3": _Client("", (), (), 0, sql_from=1),
    "sqlcmd": _Client("SUPdQqio", ("Q", "q"), ("d",), -1),
    "clickhouse-client": _Client(
        "qdhu",
        ("q", "query"),
        ("d", "database"),
        -1,
        names=("query", "database", "host", "user", "password"),
    ),
    "cqlsh": _Client("ekup", ("e", "execute"), ("k", "keyspace"), -1, names=("execute",)),
}
"""The programs that take SQL."""

SQL_CLIENTS = {
    # program → the letter and the name of the option that a statement follows
    "psql": ("c", "command"),
    "mysql": ("e", "execute"),
    "mariadb": ("e", "execute"),
}

_PIECE = lazy_pattern(
    r"'(?:[^']|'')*'|--[^\n]*|/\*.*?(?:\*/|\Z)|\$(\w*)\$.*?(?:\$\1\$|\Z)|\\\w[^\n]*|;"
    r"|[^';/$\\-]+|.",
    re.DOTALL,
)
_HASHED = lazy_pattern(r"(?m)^[ \t]*#.*$")
"""A comment of MySQL, on a line of its own."""
_ADMIN_PORT = "6032"
_ADMIN = lazy_pattern(
    r"(?:load|save) [\w ]+ (?:to|from) (?:run(?:time)?|mem(?:ory)?|disk|config)\Z"
    r"|proxysql \w+",
    re.IGNORECASE,
)
"""What only the console of ProxySQL knows."""
_BEFORE = 400
"""So far before a call may stand what it is told by `echo … |`."""
_TOKENS = 6
"""So many words of a statement tell where it stands."""


def statements_of(call: Call) -> tuple[str, ...]:
    """The statements that a client of a database is given on the command line, one per option."""
    letter, name = SQL_CLIENTS.get(call.program, ("", ""))
    found: list[str] = []
    texts = [word.text for word in call.words[1:]]
    for text, following in zip(texts, [*texts[1:], ""], strict=False):
        if not letter or not text.startswith("-"):
            continue
        if text == f"--{name}" or re.fullmatch(rf"-\w*{letter}", text):
            found.append(following.strip())
        elif text.startswith(f"--{name}="):
            found.append(text.partition("=")[2].strip())
    return tuple(found)


def sql(call: Call) -> tuple[str, ...]:
    """The statements that a client of a database is given, on the command line or as input."""
    said = statements_of(call)
    return (*said, *(text for text in call.given if not text.startswith("--")))


def statements(call: Call, text: str) -> Iterator[Statement]:
    """The statements of a call that stands in a text; nothing of a program that takes no SQL."""
    client = CLIENTS.get(call.program)
    if client is None:
        return
    read = _arguments(call, client)
    for value, word in read.values(*client.sql):
        yield from _located(value, text, word.start, word.end)
    for word in read.operands[client.sql_from :]:
        yield from _located(word.text, text, word.start, word.end)
    if call.given:
        raw, start = _given(call, text)
        yield from _located(raw, text, start, len(text))


def is_admin_console(call: Call, said: Iterable[Statement]) -> bool:
    """Whether it is the console of a proxy (ProxySQL), which has no databases: its tables are
    settings, which `LOAD … FROM DISK` brings back.
    """
    client = CLIENTS.get(call.program)
    if client is not _MYSQL:
        return False
    read = _arguments(call, client)
    if any(value == _ADMIN_PORT for value, _ in read.values("P", "port")):
        return True
    return any(_ADMIN.match(one.text) for one in said)


def database(call: Call) -> tuple[str, Word] | None:
    """The database that a call names, and the word that does. None where it names none."""
    client = CLIENTS.get(call.program)
    if client is None:
        return None
    read = _arguments(call, client)
    found = read.values(*client.database)
    if found:
        return found[-1]
    if 0 <= client.operand < len(read.operands):
        word = read.operands[client.operand]
        return word.text, word
    return None


def split(text: str) -> list[str]:
    """The statements of a text, without comments. A command of psql (`\\gset`) ends one, too."""
    found, current = [], ""
    for match in _PIECE.finditer(_HASHED.sub(" ", text)):
        piece = match[0]
        if piece == ";" or (piece.startswith("\\") and len(piece) > 1):
            found.append(current)
            current = ""
        elif piece.startswith(("--", "/*")) and len(piece) > 1:
            current += " "
        else:
            current += piece
    return [one for one in (" ".join(part.split()) for part in [*found, current]) if one]


def _arguments(call: Call, client: _Client) -> Arguments:
    return arguments(call, client.letters, client.names, client.attached)


def _given(call: Call, text: str) -> tuple[str, int]:
    """What it is given to read, as written where that can be found, and where it starts."""
    first, last = call.given[0], call.given[-1]
    said = max(0, call.start - len(first) - _BEFORE) if call.stage > 0 else call.start
    for start, stop in ((said, call.start), (call.start, len(text)), (0, len(text))):
        begin = _find(first, text, start, stop)
        end = begin
        for part in call.given[1:]:
            end = _find(part, text, end[1], len(text)) if end else None
        if begin and end:
            return text[begin[0] : end[1]], begin[0]
    return (";\n".join(call.given) if first is not last else first), call.start


def _located(sql: str, text: str, start: int, end: int) -> Iterator[Statement]:
    at = start
    for statement in split(sql):
        found = _find(statement, text, at, end) or _find(statement, text, start, end)
        if found:
            at = found[1]
            yield Statement(statement, *found)
        else:
            yield Statement(statement, start, min(end, start + 1) if end == len(text) else end)


def _find(words: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where a run of words stands in a text, whatever blanks and comments are between them."""
    at = text.find(words, start, end)
    if at >= 0:
        return at, at + len(words)
    tokens = words.split()[:_TOKENS]
    blank = r"(?:\s|--[^\n]*\n|(?<=\n)[ \t]*#[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)+"
    pattern = blank.join(_token(token) for token in tokens)
    match = re.compile(pattern).search(text, start, end)
    return match.span() if match else None


def _token(token: str) -> str:
    """A word as it may be written: `$name` as `${name}`, a quote behind a backslash."""
    escaped = re.escape(token).replace('"', r'\\?"').replace("'", r"'(?:\\?'')?")
    return re.sub(r"\\\$(\w+)", r"\\$\\{?\1\\}?", escaped)
