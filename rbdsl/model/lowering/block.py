"""The statements of a block, looked up by what they say."""

from __future__ import annotations

from rbdsl.diagnostics import Label
from rbdsl.model.errors import EMPTY, MISSING, REPEATED
from rbdsl.model.lowering.nodes import token
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.values import Duration, Name, Shell, Text, Timestamp
from rbdsl.source import Span
from rbdsl.syntax.tree import Node


class Block:
    """The statements of a block by their kinds."""

    def __init__(self, reader: Reader, node: Node | None) -> None:
        self.reader = reader
        self.node = node
        self.statements = [] if node is None else list(node.nodes())

    def all(self, *kinds: str) -> list[Node]:
        """The statements of these kinds, in the order of the text."""
        return [statement for statement in self.statements if statement.kind in kinds]

    def one(self, *kinds: str) -> Node | None:
        """The only statement of these kinds; further ones are reported and left out."""
        found = self.all(*kinds)
        for again in found[1:]:
            keyword = str(next(again.tokens()))
            self.reader.add(
                REPEATED,
                self.reader.head(again),
                f"`{keyword}` may stand here once only",
                labels=[
                    Label(self.reader.head(again), "again here"),
                    Label(self.reader.head(found[0]), "first here"),
                ],
                hint="remove one of them",
            )
        return found[0] if found else None

    def text(self, kind: str) -> Text | None:
        """The text of the only statement of a kind."""
        node = self.one(kind)
        if node is None:
            return None
        text = self.reader.text(node)
        if not text.plain.strip():
            keyword = str(next(node.tokens()))
            self.reader.add(
                EMPTY, text.span, f"`{keyword}` is empty", hint="say it, or leave it out"
            )
        return text

    def shell(self, kind: str) -> Shell | None:
        """The shell of the only statement of a kind."""
        node = self.one(kind)
        return None if node is None else self.reader.shell(node)

    def names(self, kind: str) -> tuple[Name, ...]:
        """The names of all statements of a kind."""
        return tuple(
            name
            for node in self.all(kind)
            for child in node.nodes()
            if child.kind == "names"
            for name in self.reader.names(child)
        )

    def duration(self, kind: str) -> Duration | None:
        """The duration of the only statement of a kind."""
        node = self.one(kind)
        return None if node is None else self.reader.duration(node.children[1])

    def timestamp(self, kind: str) -> Timestamp | None:
        """The point in time of the only statement of a kind."""
        node = self.one(kind)
        return None if node is None else self.reader.timestamp(token(node, "VALUE"))

    def needed(self, kind: str, what: str, owner: Span, hint: str) -> Node | None:
        """The only statement of a kind, reported where it is missing."""
        node = self.one(kind)
        if node is None:
            self.reader.add(MISSING, owner, f"{what} is missing", hint=hint)
        return node
