"""What a statement for a database, or a request, opens or closes, however it is worded.

In: a command as words and options. Out: what is set, the direction (True where the system serves),
and the words that say so. `set … = on` and `reset …`, `revoke connect` and `grant connect`, PUT and
DELETE of `/maintenance` are opposites that share no pair of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rbdsl.analysis.invocations import Invocation
from rbdsl.rules.opposite_words import CLOSED, MARKER, STATES
from rbdsl.rules.shell_text import variables_read

_CLIENTS = frozenset(
    "psql mysql mariadb sqlcmd clickhouse-client sqlplus mongosh mongo usql".split()  # noqa: SIM905
)
_SAYING = frozenset(["c", "command", "e", "execute", "q", "query", "eval"])
"""Options that statements follow."""
_NAME = r"[`\"\[]?(?P<name>[\w$.-]+|all)[`\"\]]?"
_OWNER = rf"alter (?P<kind>database|role|user|system) ?(?:{_NAME})?"
_GLOBAL = r"set (?:global |persist |@@global\.)"
_VALUE = r" ?:?= ?(?P<word>\w+)"
_END = r"(?:\S+ (?:(?:=|:=|to) )?)?\S+\Z"
_TRUE = frozenset(["on", "true", "1", "yes"])
_FALSE = frozenset(["off", "false", "0", "no", "default"])


class _Form(NamedTuple):
    """How a statement reads, what it sets, and the words or values that close."""

    pattern: str
    sets: str
    closes: frozenset[str]


_FORMS = (
    _Form(
        rf"{_OWNER} set (?:session )?default_transaction_read_only (?:=|to) ?'?(?P<word>\w+)",
        "read-only",
        _TRUE,
    ),
    _Form(
        rf"{_OWNER} (?P<word>reset) (?:default_transaction_read_only|all)\b",
        "read-only",
        frozenset(),
    ),
    _Form(
        rf"alter (?P<kind>database) {_NAME} (?:with )?allow_connections ?=? ?(?P<word>\w+)",
        "connections",
        _FALSE,
    ),
    _Form(
        rf"alter (?P<kind>database|role) {_NAME} (?:with )?connection limit ?=? ?(?P<word>-?\d+)",
        "limit",
        frozenset(["0"]),
    ),
    _Form(
        rf"(?P<word>revoke|grant) (?:connect|all)(?: privileges)? on (?P<kind>database) {_NAME}",
        "connect",
        frozenset(["revoke"]),
    ),
    _Form(
        rf"alter (?P<kind>role|user) {_NAME} (?:with )?(?P<word>nologin|login)\b",
        "login",
        frozenset(["nologin"]),
    ),
    _Form(
        rf"{_GLOBAL}(?P<kind>(?:super_)?read_only|offline_mode)(?P<name>){_VALUE}",
        "mode",
        _TRUE,
    ),
    _Form(
        rf"{_GLOBAL}(?P<kind>event_scheduler)(?P<name>){_VALUE}",
        "events",
        _FALSE | {"disabled"},
    ),
    _Form(
        rf"alter (?P<kind>database|tablespace|table) {_NAME} (?:set )?"
        r"(?P<word>read[_ ](?:only|write)|offline|online|single_user|multi_user)",
        "access",
        frozenset(["read_only", "read only", "offline", "single_user"]),
    ),
    _Form(r"db\.(?P<kind>fsync)(?P<word>lock|unlock)\((?P<name>)", "lock", frozenset(["lock"])),
)
_CLOSING = re.compile(r"alter |revoke |grant |set (?:global |persist |@@)|db\.fsync")
_MODE = re.compile(
    r"\bmode[\"']?(?:[/=:]| to )[\"']?"
    r"(maintenance|read[-_]?only|normal|live|active|read[-_]?write)\b"
)
_OPEN_MODES = frozenset(["normal", "live", "active", "read-write", "read_write", "readwrite"])
_MAKES = {"put": False, "post": False, "delete": True}

Setting = tuple[str, bool, str]


def settings(invocation: Invocation, known: Mapping[str, str]) -> Iterator[Setting]:
    """What one command, in lower case, opens or closes."""
    if invocation.program.rpartition("/")[2] in _CLIENTS:
        values = dict(_psql_values(invocation))
        given = (value for name, value in invocation.options if value and name in _SAYING)
        for text in (*invocation.words, *given):
            for statement in text.split(";") if _CLOSING.search(text) else ():
                yield from _of_statement(_filled(statement.strip(), values, known))
    elif invocation.program in ("curl", "http", "xh"):
        yield from _of_request(invocation)


def _psql_values(invocation: Invocation) -> Iterator[tuple[str, str]]:
    """The variables that psql is given: `:"database"` in its statements."""
    for name, value in invocation.options:
        if name in ("set", "variable", "v") and value:
            variable, _, text = value.partition("=")
            yield variable, text


def _filled(statement: str, values: Mapping[str, str], known: Mapping[str, str]) -> str:
    for name, value in values.items():
        named = rf":[\"']?{re.escape(name)}[\"']?(?!\w)"
        statement = re.sub(named, value.replace("\\", r"\\"), statement)
    for name in variables_read(statement) & known.keys():
        statement = statement.replace(f"${name}", known[name])
    return statement


def _of_statement(statement: str) -> Iterator[Setting]:
    for form in _FORMS:
        found = re.match(form.pattern, statement)
        if found:
            what = f"{found['kind']} {found['name'] or ''} {form.sets}"
            said = re.search(_END, found[0])
            yield what, found["word"] not in form.closes, said[0] if said else found["word"]


def _of_request(invocation: Invocation) -> Iterator[Setting]:
    """`PUT …/mode/read-only` and `PUT …/mode/read-write`, PUT and DELETE of `…/maintenance`."""
    values = [value for _, value in invocation.options if value]
    for text in (*invocation.words, *values):
        found = _MODE.search(text)
        if found:
            mark = f"{text[: found.start(1)]}<mode>{text[found.end(1) :]}"
            yield mark, found[1] in _OPEN_MODES, found[1]
    method = next((v for n, v in invocation.options if n in ("x", "request") and v), "")
    said = " ".join((*invocation.words, *values))
    if method not in _MAKES or any(re.search(rf"\b{state}\b", said) for state in STATES):
        return
    for word in invocation.words:
        last = word.rstrip("/").rpartition("/")[2]
        if "://" in word and re.fullmatch(MARKER, last) and re.search(CLOSED, last):
            yield f"{word} <method>", _MAKES[method], method
