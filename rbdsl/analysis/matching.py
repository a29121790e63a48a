"""Whether an answer passes a matcher, read as bash reads it, and whether every answer does.

`matches` is an extended regular expression in bash: `.` takes a newline, too, `^` and `$` are the
ends of the whole answer, `[[:digit:]]` is a class, a backslash in brackets is one. In: a matcher
and an answer. Out: yes, no, or None where it can't be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from rbdsl.model.steps import Matcher

_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~",
    "space": r"\s", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_BRACKETS = lazy_pattern(r"\[(?P<not>\^?)(?P<within>\]?(?:\[:\w+:\]|\[(?![.=:])|[^\[\]])*)\]")
_INTERVAL = lazy_pattern(r"\{(?:(\d{1,3})|(\d{0,3}),(\d{0,3}))\}")
_ESCAPED = {"<": r"\b", ">": r"\b", "b": r"\b", "B": r"\B"} | {c: f"\\{c}" for c in "wWsS"}
_LOOPS = "*+?"
_LONGEST, _MOST_LOOPS, _LONGEST_NESTED = 100, 6, 16
"""Of longer answers with more loops, and with loops in loops, nothing is said."""
ANSWERS = (
    "", "0", "no", "000", "null", "a\nb", "Not found.", "<html></html>", '{"up":false}', "-1 #_~@",
    "upstream connect error: connection refused (111), 0 of 3 replicas; retry later\n",
)  # fmt: skip
"""Answers that have nothing in common; a pattern that takes all of them asks for nothing."""


def holds(matcher: Matcher, answer: str) -> bool | None:
    """Whether an answer passes; the white space around it doesn't count.

    A parameter has its default value here.
    """
    wanted, answer = matcher.value.plain, answer.strip()
    match matcher.kind.value:
        case "equals":
            return wanted.strip() == answer
        case "contains":
            return wanted in answer
        case "matches":
            return finds(wanted, answer)
        case _:
            return None


def takes_anything(matcher: Matcher) -> bool:
    """Whether every answer passes, so that nothing but the exit status counts."""
    return not matcher.value.references and all(holds(matcher, answer) for answer in ANSWERS)


def finds(pattern: str, text: str) -> bool | None:
    """Whether bash finds an extended regular expression in a text."""
    loops = sum(map(pattern.count, "*+{"))
    nested = re.search(r"\)[*+{]", pattern) is not None
    if len(text) > (_LONGEST_NESTED if nested else _LONGEST) or loops > _MOST_LOOPS:
        return None
    if not text.isascii() and ("[:" in pattern or "\\" in pattern):
        return None  # which letters there are depends on the locale
    translated = _translated(pattern)
    return None if translated is None else translated.search(text) is not None


@lru_cache(maxsize=1024)
def _translated(pattern: str) -> re.Pattern[str] | None:
    parts = list(_parts(pattern))
    if None in parts:
        return None
    try:
        return re.compile("".join(part for part in parts if part is not None), re.DOTALL)
    except re.error:
        return None


def _parts(pattern: str) -> Iterator[str | None]:
    """The pattern piece by piece in Python's spelling; None for what has no counterpart."""
    at, repeatable = 0, False
    while at < len(pattern):
        sign = pattern[at]
        begin, at = at, at + 1
        if sign in _LOOPS or sign == "{":
            at, part = _loop(pattern, begin) if repeatable else (at, None)
        elif sign == "[":
            found = _BRACKETS.match(pattern, begin)
            at, part = (found.end(), _brackets(found)) if found else (at, None)
        elif sign == "\\":
            escaped = pattern[at : at + 1]
            at += 1
            part = None if not escaped or escaped.isdigit() else _ESCAPED.get(escaped)
            if part is None and escaped and not escaped.isdigit():
                part = re.escape(escaped)
        else:
            part = {"^": r"\A", "$": r"\Z"}.get(sign)
            part = part or (sign if sign in ".()|" else re.escape(sign))
        repeatable = sign not in "(|^"
        yield part


def _loop(pattern: str, at: int) -> tuple[int, str | None]:
    """A repetition, or several behind each other, which are one: `.*?` is `(.*)?` to bash."""
    end = at
    while end < len(pattern) and pattern[end] in _LOOPS:
        end += 1
    signs = set(pattern[at:end])
    if signs:
        no_more = pattern[end : end + 1] != "{"
        return end, (next(iter(signs)) if len(signs) == 1 else "*") if no_more else None
    found = _INTERVAL.match(pattern, at)
    if found is None or pattern[found.end() : found.end() + 1] in (*_LOOPS, "{"):
        return at + 1, None
    exactly, least, most = found.groups()
    return found.end(), f"{{{exactly}}}" if exactly else f"{{{least or 0},{most}}}"


def _brackets(found: re.Match[str]) -> str | None:
    """A set of characters; its backslash is one, and a class is spelled out."""
    said = [found["not"]]
    if "--" in found["within"]:
        return None
    for name, character in re.findall(r"\[:(\w+):\]|(.)", found["within"], re.DOTALL):
        if name and name not in _CLASSES:
            return None
        said.append(_CLASSES[name] if name else character)
        if character and character != "-":
            said[-1] = re.escape(character)
    return f"[{''.join(said)}]"
