"""Where bash looks for something in a text: `[[ $s == *word* ]]`, `=~ word`, `case … in *word*)`.

In: a text. Out: what is looked for, by offsets in characters; negated tests are left out, and so is
an item of a `case` behind others.
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


@dataclass(frozen=True, slots=True)
class PatternTest:
    """What is looked for: a text, or a `regular` expression; anything may stand around it."""

    text: str
    regular: bool
    start: int
    end: int


@lru_cache(maxsize=256)
def pattern_tests(text: str) -> tuple[PatternTest, ...]:
    """The tests of a text that look for something in the middle of another."""
    if "[[" not in text and "case" not in text:
        return ()
    from rbdsl.analysis.shell import parsed

    place = in_characters(text)
    return tuple(
        PatternTest(pattern, regular, place(node.start_byte), place(node.end_byte))
        for node, pattern, regular in _found(parsed(text))
    )


def _found(root: Node) -> Iterator[tuple[Node, str, bool]]:
    waiting = [(root, False)]
    while waiting:
        node, negated = waiting.pop()
        kinds = [child.type for child in node.children]
        if node.type == "binary_expression" and not negated:
            yield from _of_comparison(node, kinds)
        elif node.type == "case_statement":
            items = [child for child in node.children if child.type == "case_item"]
            first = items[0].children[0] if items else None
            literal = _within(plain(first)) if first is not None else ""
            if first is not None and literal:
                yield first, literal, False
        not_so = node.type == "negated_command" or kinds[:1] == ["!"]
        waiting.extend((child, negated or not_so) for child in reversed(node.children))


def _of_comparison(node: Node, kinds: list[str]) -> Iterator[tuple[Node, str, bool]]:
    operator = next((kind for kind in ("==", "=", "=~") if kind in kinds), "")
    if not operator:
        return
    at = kinds.index(operator)
    if any("!" in plain(child) for child in node.children[:at]):
        return
    said = "".join(map(plain, node.children[at + 1 :]))
    if operator == "=~":
        yield node, said, True
    elif _within(said):
        yield node, _within(said), False


def _within(pattern: str) -> str:
    """The text in a pattern that has it anywhere; empty for any other pattern."""
    inner = pattern.removeprefix("*").removesuffix("*")
    anywhere = pattern.startswith("*") and pattern.endswith("*") and len(pattern) > 1
    return inner if anywhere and not set("*?[(|") & set(inner) else ""
