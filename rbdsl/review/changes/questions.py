"""How closely a command of a check looks, beside the one that it replaces.

Three cases, and nothing is said of any other: it asks nothing at all (`echo ok`); it only asks
whether a file is there, of which something was read before; it only asks whether a database
answers, of which tables were read before.
"""

from __future__ import annotations

import re

from rbdsl.analysis.calls import calls
from rbdsl.analysis.empty_checks import ALWAYS, doing, is_passive
from rbdsl.analysis.normalised import normalised
from rbdsl.analysis.sql import sql
from rbdsl.analysis.unfailing import verdict
from rbdsl.patterns import lazy_pattern

_THERE = lazy_pattern(r"(?:(?:test|\[\[?) -(?P<how>[efsr])|ls|stat) (?P<path>[^\s;&|]+)(?: \]\]?)?")
_CONSTANT = lazy_pattern(
    r"(?i)select\s+(?:\d+|'[^']*'|true|now\(\)|version\(\)|current_\w+)(?:\s+as\s+\w+)?\s*;?\s*\Z"
)
_CLIENTS = frozenset(["psql", "mysql", "mariadb"])
_ANSWERING = frozenset(["pg_isready", "mysqladmin", "mariadb-admin"])
_READS = lazy_pattern(r"(?i)\b(?:from|select\s+\w+\()")


def asks_nothing(text: str) -> bool:
    """Whether nothing in a text is asked of any system: `true`, `echo ok`, `printf 1 | cat`."""
    found = calls(text)
    if not found:
        return False
    if all(call.program in ALWAYS or (call.stage and is_passive(call)) for call in found):
        return True
    said = verdict(text)
    return said.cannot_fail and said.lost is None


def looks_less(old: str, new: str) -> str:
    """Why the new command sees less than the old one did; empty where that is not known."""
    if _only_there(old, new):
        return "that it is there does not say what is in it"
    if _only_answers(new) and _reads_tables(old):
        return "that it answers does not say what is in it"
    return ""


def _only_there(old: str, new: str) -> bool:
    """Whether all files that are asked for now were read before, or asked for their content."""
    was, now = _looked_for(old), _looked_for(new)
    if not now:
        return False
    if was:  # a test of the size becomes one of the name
        return was.keys() == now.keys() and any(
            was[path] == "s" and now[path] in ("e", "f", "r") for path in now
        )
    if any(call.program in ("test", "[", "ls", "stat") for call in calls(old)):
        return all(_reads_also(old, path) for path in now)
    return all(_mentions(old, path) for path in now)


def _reads_also(text: str, path: str) -> bool:
    """Whether a part of a text that is no test of a file names the file."""
    parts = [part for part in re.split(r"&&|;|\n", normalised(text)) if not _looked_for(part)]
    return any(_mentions(part, path) and not re.match(r" *(?:!|test|\[)", part) for part in parts)


def _mentions(text: str, path: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w./-])", _bare(text)) is not None


def _looked_for(text: str) -> dict[str, str]:
    """The files that a text of nothing but tests asks for, with how; empty for any other text."""
    found: dict[str, str] = {}
    for part in normalised(text).split("&&"):
        match = _THERE.fullmatch(_bare(re.sub(r" *(?:&|\d)?>+ *\S+", "", part)).strip())
        if match is None:
            return {}
        found[match["path"]] = match["how"] or "e"
    return found


def _bare(text: str) -> str:
    return re.sub(r"[\"'{}]", "", text)


def _only_answers(text: str) -> bool:
    """Whether all that a text asks is whether a database answers."""
    own = calls(text)
    found = doing(own)
    return bool(found) and all(
        call.program in _ANSWERING
        or (call.program in _CLIENTS and _constant(sql(call)))
        or (call.stage > 0 and call.program != "")
        for call in found
    )


def _constant(said: tuple[str, ...] | list[str]) -> bool:
    return bool(said) and all(_CONSTANT.match(text.strip()) for text in said)


def _reads_tables(text: str) -> bool:
    return any(
        call.program in _CLIENTS and any(_READS.search(query) for query in sql(call))
        for call in calls(text)
    )
