"""Texts that print a number whatever they find: `SELECT count(*)`, `… | wc -l`, `jq length`.

In: the calls of a text. Out: whether all that is printed is one count, which is a number for an
empty table, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rbdsl.analysis.empty_checks import doing
from rbdsl.analysis.sql import sql
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rbdsl.analysis.calls import Call

COUNTS = ("0", "1", "7", "23", "408", "5000", "61234", "7000000")
_ONLY_VALUES = {
    "psql": ("t", "tuples-only"),
    "mysql": ("N", "skip-column-names"),
    "mariadb": ("N", "skip-column-names"),
}
_COUNT = lazy_pattern(
    r"\s*select\s+count\s*\([^()]*\)\s*(?:as\s+\w+\s+)?from\b"
    r"(?!.*\b(?:group\s+by|union|having|limit|offset)\b)[^;]*;?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_LENGTH = lazy_pattern(r"(?:[^?]*\|)?\s*length\s*\Z")


def prints_a_count(calls: Sequence[Call]) -> bool:
    """Whether one count is printed, and nothing else."""
    own = doing(calls)
    if not own or any(call.substituted or call.tested or call.otherwise for call in own):
        return False
    last = own[-1]
    if last.stage + 1 != len(last.pipe) or any(r.descriptor == 1 for r in last.redirections):
        return False
    one_pipe = [call.stage for call in own] == list(range(len(own))) and len(own) == len(last.pipe)
    return one_pipe and _counts(last)


def _counts(call: Call) -> bool:
    match call.program:
        case "wc":
            return bool(call.stage) and not call.operands
        case "jq":
            return not call.has("e", "exit-status") and bool(
                call.operands and _LENGTH.match(call.operands[0])
            )
    said = sql(call)
    bare = call.has(*_ONLY_VALUES.get(call.program, ()))
    return bare and not call.stage and len(set(said)) == 1 and _COUNT.match(said[0]) is not None
