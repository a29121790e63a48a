"""Finds the parts of a statement's node; what the grammar guarantees is not asked twice."""

from __future__ import annotations

from rbdsl.syntax.tree import Node, Token


def tokens(node: Node, *kinds: str) -> list[Token]:
    """The node's own tokens of these kinds."""
    return [c for c in node.children if isinstance(c, Token) and c.type in kinds]


def token(node: Node, *kinds: str) -> Token:
    """The node's first own token, of these kinds if any are given."""
    return next(c for c in node.children if isinstance(c, Token) and (not kinds or c.type in kinds))


def has_word(node: Node, kind: str) -> bool:
    """Whether a keyword stands in the statement."""
    return any(isinstance(c, Token) and c.type == kind for c in node.children)


def child(node: Node, *kinds: str) -> Node | None:
    """The node's first child of these kinds."""
    return next((c for c in node.nodes() if c.kind in kinds), None)


def part(node: Node, *kinds: str) -> Node:
    """The node's first child of these kinds, which the grammar guarantees."""
    return next(c for c in node.nodes() if c.kind in kinds)
