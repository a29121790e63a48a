"""Reading shell as text, where no parse is needed: which variables it mentions, its commands.

Comments are left out. Quoting is not looked at: `'$name'` counts as a mention of `name`, which
is right for commands handed on to another shell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rbdsl.model.values import Binding
from rbdsl.patterns import lazy_pattern

_VARIABLE = r"\$\{?[#!]?([A-Za-z_]\w*)"
_MENTION = lazy_pattern(r'"?\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))"?')
_COMMENT = r"(?:^|(?<=[\s;]))#.*"
_SEPARATOR = r"(?:(?<!\s)\s+)?(?:\n|;|&&|\|\|)\s*"


@lru_cache(maxsize=4096)
def variables_read(text: str) -> frozenset[str]:
    """The names behind a dollar sign."""
    return frozenset(re.findall(_VARIABLE, text)) if "$" in text else frozenset()


@lru_cache(maxsize=4096)
def commands(text: str) -> tuple[str, ...]:
    """The commands line by line: continued lines joined, comments and blank ones left out."""
    joined = text.replace("\\\n", " ")
    lines = (re.sub(_COMMENT, "", line) for line in joined.split("\n"))
    found = (" ".join(part.split()) for line in lines for part in re.split(_SEPARATOR, line))
    return tuple(part for part in found if part)


def words_of(command: str) -> set[str]:
    """The runs of letters in a command, in lower case."""
    return set(re.findall(r"[a-z]+", command.lower()))


def filled(text: str, bindings: Iterable[Binding]) -> str:
    """A piece of shell with the arguments of its call written in, quotes around them left out."""
    if "$" not in text:
        return text
    values = {binding.name.shell: binding.value.plain for binding in bindings}
    if not values:
        return text
    return _MENTION.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def mentions_word(text: str, word: str) -> bool:
    """Whether a word stands in a text, as a word or as the start of a longer dashed name."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() or before in ("_", "-")) and not (after.isalnum() or after == "_"):
            return True
        at = text.find(word, at + 1)
    return False
