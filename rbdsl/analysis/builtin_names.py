"""Which variables a builtin of bash sets: `read a b`, `printf -v text …`, `mapfile -t lines`.

Only those that are given the names as arguments; assignments are another matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rbdsl.patterns import lazy_pattern

_NAME = lazy_pattern(r"[A-Za-z_]\w*")
_VALUED = {
    "read": frozenset("dinNptu"),
    "mapfile": frozenset("dnOsuCc"),
    "readarray": frozenset("dnOsuCc"),
    "getopts": frozenset[str](),
    "let": frozenset[str](),
}
"""Builtins whose arguments are names, and their options with a value that is none."""
_BEHIND = {"printf": "-v", "wait": "-p"}
_USUAL = {"read": "REPLY", "mapfile": "MAPFILE", "readarray": "MAPFILE"}

SETTING = frozenset([*_VALUED, *_BEHIND, "set", "exec"])
"""The builtins that may set something."""


def set_by(builtin: str, arguments: Sequence[str]) -> Iterator[str]:
    """The names that a call of one of these builtins sets; of `set -- a b` those of arguments."""
    if builtin in _VALUED:
        yield from _names(arguments, _VALUED[builtin])
        yield from filter(None, [_USUAL.get(builtin, "")])
    elif builtin in _BEHIND:
        yield from (name for option, name in pairwise(arguments) if option == _BEHIND[builtin])
    elif builtin == "set" and any(not word.startswith("-") for word in arguments):
        yield from "123456789"
    elif builtin == "exec":  # `exec {log}>file`
        yield from (word[1:-1] for word in arguments if word[:1] == "{" and word[-1:] == "}")


def _names(arguments: Sequence[str], valued: frozenset[str]) -> Iterator[str]:
    """The names among the arguments, also behind `-a`."""
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument.startswith("-") and len(argument) > 1:
            skip = argument[-1] in valued
        elif match := _NAME.match(argument):
            yield match[0]
