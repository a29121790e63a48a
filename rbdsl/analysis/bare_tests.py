"""Where a piece of bash asks nothing of a variable but whether it is empty.

`[ -n "$x" ]`, `[ -z "$x" ]`, `[ "$x" ]`, the same with `test` and `[[`, and `${x:+word}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.call_words import plain
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_BRACKETS = frozenset(["[", "]", "[[", "]]", "test"])


@dataclass(frozen=True, slots=True)
class BareTest:
    """A test of a variable: `-n`, `-z`, `:+`, or nothing for the bare value.

    `start` and `end` are offsets in characters.
    """

    operator: str
    name: str
    start: int
    end: int


@lru_cache(maxsize=256)
def bare_tests(text: str) -> tuple[BareTest, ...]:
    """The tests of a text, in order."""
    from rbdsl.analysis.shell import parsed

    place = in_characters(text)
    return tuple(
        BareTest(operator, name, place(node.start_byte), place(node.end_byte))
        for node, operator, name in _found(parsed(text))
    )


def _found(root: Node) -> Iterator[tuple[Node, str, str]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        match node.type:
            case "test_command" | "unary_expression":
                yield from _of_test(node)
            case "command":
                yield from _of_test(node) if _text(node).startswith("test ") else ()
            case "expansion":
                kinds = [child.type for child in node.children]
                name = next((c for c in node.children if c.type == "variable_name"), None)
                if ":+" in kinds and name is not None:
                    yield node, ":+", _text(name)
        waiting.extend(reversed(node.children))


def _of_test(node: Node) -> Iterator[tuple[Node, str, str]]:
    if node.type == "test_command" and any(c.type == "unary_expression" for c in node.children):
        return  # it is found by itself
    words = [word for word in map(plain, node.children) if word not in _BRACKETS and word != "!"]
    operator = words.pop(0) if words[:1] in (["-n"], ["-z"]) else ""
    if len(words) == 1 and words[0].startswith("$") and words[0][1:].isidentifier():
        yield node, operator, words[0][1:]


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
