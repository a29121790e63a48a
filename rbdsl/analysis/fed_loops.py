"""Loops over what a command prints: where the command stands, and where what is done with it.

In: a text. Out: the loops `for x in $(list); do …` and `while read x; do … done < <(list)`, by
offsets in characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.call_walk import in_characters
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_LOOPS = ("for_statement", "while_statement")


@dataclass(frozen=True, slots=True)
class FedLoop:
    """A loop: its list is within `list_begin` and `list_end`, its body within `begin` and `end`."""

    list_begin: int
    list_end: int
    begin: int
    end: int


@lru_cache(maxsize=256)
def fed_loops(text: str) -> tuple[FedLoop, ...]:
    """The loops of a text, in no order."""
    if "done" not in text:
        return ()
    place = in_characters(text)
    return tuple(
        FedLoop(*map(place, (given[0], given[1], body.start_byte, body.end_byte)))
        for given, body in _loops(text)
    )


def _loops(text: str) -> Iterator[tuple[tuple[int, int], Node]]:
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    for node in walk(parsed(text)):
        if node.type == "for_statement":
            body = _body(node)
            if body:
                yield (node.start_byte, body.start_byte), body
        elif node.type == "redirected_statement" and node.children[0].type in _LOOPS:
            body = _body(node.children[0])
            if body:
                yield (node.children[0].end_byte, node.end_byte), body


def _body(loop: Node) -> Node | None:
    return next((child for child in loop.children if child.type == "do_group"), None)
