"""The loops of a piece of bash over words that are written down: `for host in web1 "${more[@]}"`.

In: a text. Out: each loop with its variable and its words, by offsets in characters; loops over
what a command prints are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.call_words import plain
from rbdsl.record import dataclass

_COMPUTED = ("command_substitution", "process_substitution")


@dataclass(frozen=True, slots=True)
class ListLoop:
    """A loop: its body is within `begin` and `end`."""

    variable: str
    words: tuple[str, ...]
    begin: int
    end: int


@lru_cache(maxsize=256)
def list_loops(text: str) -> tuple[ListLoop, ...]:
    """The loops of a text, the outer ones first."""
    return tuple(_loops(text)) if "for " in text else ()


def _loops(text: str) -> Iterator[ListLoop]:
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    place = in_characters(text)
    for node in walk(parsed(text)):
        if node.type != "for_statement":
            continue
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        words = node.children_by_field_name("value")
        if variable is None or body is None or not words:
            continue
        if any(one.type in _COMPUTED for word in words for one in walk(word)):
            continue
        name = (variable.text or b"").decode("utf-8", "replace")
        begin, end = place(body.start_byte), place(body.end_byte)
        yield ListLoop(name, tuple(map(plain, words)), begin, end)
