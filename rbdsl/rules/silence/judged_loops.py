"""Loops of an expectation whose whole output is what its matcher judges, also where there is none.

In: a call in a piece of shell. Out: whether it stands in a loop that is all that is printed there,
and the matcher refuses an empty answer.
"""

from __future__ import annotations

import re

from rbdsl.analysis.last_loop import last_loop
from rbdsl.model.steps import Matcher, MatcherKind
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import expectation

_EMPTY = ("", "0")
"""What readers make of nothing: nothing, or the count of it."""


def missing_is_refused(placed: PlacedCall) -> bool:
    """Whether the matcher of the expectation finds it wrong where the loop runs zero times."""
    own = expectation(placed.place)
    if own is None or own.matcher is None or not _refuses(own.matcher):
        return False
    loop = last_loop(placed.place.shell.text)
    return loop is not None and loop[0] <= placed.call.start < loop[1]


def _refuses(matcher: Matcher) -> bool:
    value = matcher.value.plain
    match matcher.kind:
        case MatcherKind.EQUALS:
            return value.strip() not in _EMPTY
        case MatcherKind.CONTAINS:
            return value not in _EMPTY
        case MatcherKind.MATCHES:
            try:
                return not any(re.search(value, empty) for empty in _EMPTY)
            except re.error:
                return False
        case _:
            return True
