"""What a piece of bash holds besides calls: its comments, and a condition that it ends with.

Offsets are in characters of the text, as those of `rbdsl.analysis.calls`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_TESTS = ("test", "[")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text, with its place in it."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def comments(text: str) -> tuple[Stretch, ...]:
    """The comments of a text, in order, without the `#` and the blanks around."""
    from rbdsl.analysis.shell import parsed

    if "#" not in text:
        return ()
    found: list[Stretch] = []
    encoded = text.encode("utf-8", "replace")
    waiting: list[Node] = [parsed(text)]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            found.append(_stretch(node, encoded, text))
        waiting.extend(reversed(node.children))
    return tuple(found)


@lru_cache(maxsize=4096)
def condition_at_end(text: str) -> Stretch | None:
    """The last statement where it is `[ … ] && command`: it fails where the condition is false."""
    from rbdsl.analysis.shell import parsed

    if "&&" not in text:
        return None
    root = parsed(text)
    statements = [c for c in root.children if c.is_named and c.type != "comment"]
    if root.has_error or not statements or statements[-1].type != "list":
        return None
    last = statements[-1]
    if len(last.children) != 3 or last.children[1].type != "&&":
        return None
    left, _, right = last.children
    if not _is_test(left) or _is_test(right):
        return None
    return _stretch(last, text.encode("utf-8", "replace"), text)


def _is_test(node: Node) -> bool:
    """Whether a statement only asks something; `a && b && …` is a list in a list in a list."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "list" and one.children:
            waiting += [child for child in one.children if child.is_named]
        elif not _asks(one):
            return False
    return True


def _asks(node: Node) -> bool:
    if node.type == "negated_command":
        return True
    if node.type == "compound_statement" and node.children[0].type == "((":
        return True
    if node.type == "command":
        name = (node.children[0].text or b"").decode("utf-8", "replace")
        return name in _TESTS
    return node.type == "test_command"


def _stretch(node: Node, encoded: bytes, text: str) -> Stretch:
    plain = len(encoded) == len(text)

    def place(byte: int) -> int:
        return byte if plain else len(encoded[:byte].decode("utf-8", "replace"))

    start, end = place(node.start_byte), place(node.end_byte)
    own = text[start:end]
    return Stretch(own.lstrip("#").strip() if node.type == "comment" else own, start, end)
