"""The lossless syntax tree: nodes named after grammar rules, and the tokens of the text.

A tree holds every token; what lies between two tokens is blanks and comments only. So a source
and its tree together are the whole text, and `SyntaxTree.pieces` gives it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from lark import Token

from rbdsl.record import dataclass
from rbdsl.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Node", "SyntaxTree", "Token", "Tree"]


class Node:
    """A grammar rule applied: `kind` is the rule's name; it has at least one child."""

    __slots__ = ("children", "kind")

    def __init__(self, kind: str, children: Sequence[Tree]) -> None:
        self.kind = str(kind)  # Lark's is a token, which compares itself in Python
        self.children = children

    @property
    def start(self) -> int:
        """The offset of its first character."""
        node: Tree = self
        while isinstance(node, Node):
            node = node.children[0]
        return node.start_pos or 0

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        node: Tree = self
        while isinstance(node, Node):
            node = node.children[-1]
        return node.end_pos or 0

    def tokens(self) -> Iterator[Token]:
        """Every token, in the order of the text; safe for any depth."""
        stack: list[Tree] = [self]
        while stack:
            top = stack.pop()
            if isinstance(top, Node):
                stack.extend(reversed(top.children))
            else:
                yield top

    def nodes(self) -> Iterator[Node]:
        """The children that are nodes."""
        return (child for child in self.children if isinstance(child, Node))

    def __repr__(self) -> str:
        return f"Node({self.kind!r}, {self.children!r})"


Tree: TypeAlias = Node | Token


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """A parsed source."""

    source: Source
    root: Node

    def span(self, tree: Tree) -> Span:
        """Where a node or token stands."""
        if isinstance(tree, Node):
            return Span(self.source, tree.start, tree.end)
        return Span(self.source, tree.start_pos or 0, tree.end_pos or 0)

    def pieces(self) -> Iterator[tuple[str, str]]:
        """The text as pairs (what lies before a token, the token); the last token is empty."""
        at = 0
        for token in self.root.tokens():
            start = token.start_pos or 0
            yield self.source.text[at:start], str(token)
            at = token.end_pos or 0
        yield self.source.text[at:], ""

    def comments(self) -> Iterator[Span]:
        """Every comment with its `#`, without the end of its line."""
        at = 0
        for before, token in self.pieces():
            start = before.find("#")
            while start >= 0:
                end = before.find("\n", start)
                end = len(before) if end < 0 else end
                stop = end - 1 if before[start:end].endswith("\r") else end
                yield Span(self.source, at + start, at + stop)
                start = before.find("#", end)
            at += len(before) + len(token)
