"""How to mend the commonest slips of spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lark import Token

from rbdsl.diagnostics import closest
from rbdsl.patterns import lazy_pattern
from rbdsl.syntax.words import SIGNS, STATEMENT_OWNERS, WORDS

_CHARACTERS = {
    "'": 'a text stands between double quotes: `"…"`',
    "“": 'use straight quotes: `"…"`',
    "”": 'use straight quotes: `"…"`',
    "„": 'use straight quotes: `"…"`',
    "$": "variables are used inside texts (`${name}`) and shell",
    "/": "a comment begins with `#`; a path stands in quotes",
    "%": "a unit stands right behind its number: `1%`",
    "→": "an arrow is written `->`",
    "⇒": "an arrow is written `->`",
}

_UNIT_WORDS = lazy_pattern(
    r"(ms|s|m|h|d|min|mins|minutes?|secs?|seconds?|hours?|hrs?|days?)", re.IGNORECASE
)
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TITLED = ("phase", "step", "gate", "manual", "check", "scenario", "point_of_no_return", "plan")


def shown(character: str) -> str:
    """A character for people: itself, or its number where it can't be seen."""
    if character.isprintable() and character != "`":
        return f"`{character}`"
    return f"U+{ord(character):04X}"


def character_hint(character: str) -> str | None:
    """What may have been meant by a character that the language does not use."""
    if character.isalpha():
        return "names are made of the letters A to Z, digits, `_` and `-`"
    return _CHARACTERS.get(character)


def keyword_meant(word: str, keywords: Iterable[str]) -> str | None:
    """The keyword that looks most like a word, or whose plural has its letters (`retires`)."""
    known = sorted(keywords)
    for keyword in known:
        plural = f"{keyword[:-1]}ies" if keyword.endswith("y") else f"{keyword}s"
        if sorted(plural) == sorted(word):
            return keyword
    return closest(word, known)


def owner_hint(word: str) -> str | None:
    """Where a statement belongs that stands in the wrong block, or is misspelt there too."""
    if word == "before":
        return "the order is written in the later phase: `after` and the name of this one"
    if word in STATEMENT_OWNERS:
        return f"`{word}` belongs into {STATEMENT_OWNERS[word]}"
    meant = closest(word, STATEMENT_OWNERS) if len(word) > 3 else None
    if meant is None:
        return None
    return f"did you mean `{meant}`? `{meant}` belongs into {STATEMENT_OWNERS[meant]}"


def inside_hint(token: Token, accepted: set[str], before: Token | None, keyword: str) -> str | None:
    """How to mend a statement that broke at a token; `before` is the token in front of it."""
    word = str(token)
    text = "STRING" in accepted
    name = "NAME" in accepted
    if before is not None and before.type == "VALUE":
        if token.type == "VALUE" and re.fullmatch(r"[0-9.]+(?:ms|s|m|h|d)", word):
            return f"write it without a blank: `{before}{word}`"
        if token.type == "NAME" and _UNIT_WORDS.fullmatch(word):
            unit = "ms" if word.lower() == "ms" else word[0].lower()
            return f"a unit stands right behind its number: `{before}{unit}`"
    if hint := _sign_hint(token, accepted, before):
        return hint
    if token.type == "LBRACE" and text and keyword in _TITLED:
        return f'a {keyword} has a title in quotes: `{keyword} name "Title" {{`'
    if token.type == "NAME":
        meant = closest(word, [WORDS[kind] for kind in accepted if kind in WORDS])
        if meant is not None:
            return f"did you mean `{meant}`?"
        if "NL" in accepted and word in STATEMENT_OWNERS:
            return "a statement begins in a new line, or behind a `;`"
    number = _NUMBERS.index(word.lower()) if word.lower() in _NUMBERS else None
    hints = {
        ("NAME", number is not None): f"write it in digits: `{keyword} {number}`",
        ("NAME", text): f'a text stands in quotes: `"{word}"`',
        ("VALUE", text): f'a text stands in quotes: `"{word}"`',
        ("VALUE", name and not text): "a name begins with a letter",
        ("STRING", name and not text): f"a name stands without quotes: `{word[1:-1]}`",
        (
            "STRING",
            bool({"INLINE", "FENCE"} & accepted),
        ): "shell stands between backticks: `` `…` ``",
        ("COMMA", "NL" in accepted): "between statements stands a `;`, or a new line",
        ("EQUAL", True): "statements have no `=`; only `let` and defaults do",
        ("COLON", True): "statements have no `:`",
    }
    return hints.get((token.type, True))


def _sign_hint(token: Token, accepted: set[str], before: Token | None) -> str | None:
    """The sign, or the order of two words, that was meant."""
    if before is not None and before.type == "EQUAL" and token.type == "MORETHAN":
        return "did you mean `>=`?"
    if token.type == "EQUAL" and "MORETHAN" in accepted:
        return "`>=` and `<=` have the `=` behind; equality is no threshold"
    arrow = "->" in {SIGNS.get(kind) for kind in accepted}
    if arrow and (token.type == "EQUAL" or str(token) == "to"):
        return "an arrow is written `->`"
    if str(token) == "every" and "WITHIN" in accepted:
        return "`within` comes first, and `every` behind it: `within 30s every 5s`"
    return None
