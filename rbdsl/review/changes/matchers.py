"""Which of two matchers lets more answers pass, where that can be told.

A text that has to be equal, to be contained, or that a pattern spells out, and a pattern that
takes anything, can be compared. Of other patterns in general it can't be told.
"""

from __future__ import annotations

import re

from rbdsl.analysis.matching import finds, takes_anything
from rbdsl.model.steps import Matcher, MatcherKind
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

_RANKS = {
    MatcherKind.EQUALS_FILE: 3,
    MatcherKind.EQUALS: 3,
    MatcherKind.MATCHES: 2,
    MatcherKind.CONTAINS: 1,
}
_SPELLED_OUT = lazy_pattern(r"(?:[^\\.\[\]$()|*+?{}^]|\\[^\w\s])*")
_SOME = lazy_pattern(r"\(?\.[+]?\)?")


@dataclass(frozen=True, slots=True)
class _Answers:
    """What passes: a text with anything before it unless it is at the `begin`, and behind it.

    `text` is None for a pattern that spells out no text; its `core` is without the anchors.
    """

    text: str | None
    core: str
    begin: bool
    end: bool


def rank(matcher: Matcher | None) -> int:
    """How narrow a matcher is by its kind: 0 for one that lets every answer pass."""
    return 0 if matcher is None or takes_anything(matcher) else _RANKS[matcher.kind]


def narrowed(old: Matcher | None, new: Matcher | None) -> int:
    """1 where fewer answers pass than before, -1 where more do, 0 where nobody can tell."""
    if old is None or new is None or takes_anything(old) or takes_anything(new):
        return (rank(new) > 0) - (rank(old) > 0)
    was, now = _answers(old), _answers(new)
    if was and now:
        wider, narrower = _within(was, now), _within(now, was)
        if wider or narrower:
            return narrower - wider
        if MatcherKind.MATCHES in {old.kind, new.kind} and not (was.text and was.begin and was.end):
            return 0
    by_kind = rank(new) - rank(old)
    if {old.kind, new.kind} == {MatcherKind.MATCHES, MatcherKind.CONTAINS}:
        return 0
    return (by_kind > 0) - (by_kind < 0)


def _answers(matcher: Matcher) -> _Answers | None:
    """What passes; None where it stands in a file."""
    text = matcher.value.plain
    match matcher.kind:
        case MatcherKind.EQUALS:
            return _Answers(text.strip(), text, begin=True, end=True)
        case MatcherKind.CONTAINS:
            return _Answers(text, text, begin=False, end=False)
        case MatcherKind.MATCHES:
            core, begin, end = _anchors(text)
            spelled = re.sub(r"\\(.)", r"\1", core) if _SPELLED_OUT.fullmatch(core) else None
            return _Answers(spelled, core, begin, end)
        case MatcherKind.EQUALS_FILE:
            return None


def _anchors(pattern: str) -> tuple[str, bool, bool]:
    """The pattern without the anchors at its ends, and which it had."""
    if "|" in pattern and not re.fullmatch(r"\^?\([^()]*\)\$?", pattern):
        return pattern, False, False
    begin = pattern.startswith("^")
    core = pattern[begin:]
    end = core.endswith("$") and not core.endswith("\\$")
    return core[:-1] if end else core, begin, end


def _within(one: _Answers, other: _Answers) -> bool:
    """Whether all that passes `one` surely passes `other`."""
    if other.text is None:
        one_character = other.core.strip("()") == "." and other.begin and other.end
        if _SOME.fullmatch(other.core) and not one_character:
            return bool(one.text) or (one.text is None and _found("", one) is False)
        if one.text is not None and one.begin and one.end:
            return _found(one.text, other) is True
        return one.core == other.core and other.begin <= one.begin and other.end <= one.end
    if one.text is None:
        return False
    if other.begin and other.end:
        return one.begin and one.end and one.text == other.text
    if other.begin:
        return one.begin and one.text.startswith(other.text)
    if other.end:
        return one.end and one.text.endswith(other.text)
    return other.text in one.text


def _found(text: str, answers: _Answers) -> bool | None:
    """Whether a text passes; None for a pattern that only bash reads, or that may take for ever."""
    return finds("^" * answers.begin + answers.core + "$" * answers.end, text)
