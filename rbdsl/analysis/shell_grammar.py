"""The only home of tree-sitter: the tree of a text, also where its grammar knows less than bash.

The bytes of the tree are those of the text. What is read in another way has as many of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_UNKNOWN = lazy_pattern(rb"(?<=\s)\d+(?=<<<)|(?<=<)>(?!\()")
"""Bash has them and the grammar (0.25) has not: the number before `<<<`, and `<>`."""


_NAMED = lazy_pattern(rb"coproc[ \t]+\w+[ \t]+(?=[{(])")
"""A group that runs beside the shell under a name; the grammar takes it for a command's words."""


def parse(data: bytes) -> Node:
    """The root; `has_error` where it is no bash.

    A here-string for another stream is read as one for the standard input, `<>` as `<`, and
    `coproc NAME { … }` as the group.
    """
    root = _parser().parse(data).root_node
    if b"coproc" in data and (grouped := _without_names(root, data)) != data:
        data = grouped
        root = _parser().parse(data).root_node
    if root.has_error and _UNKNOWN.search(data):
        known = _UNKNOWN.sub(lambda found: b" " * len(found[0]), data)
        again = _parser().parse(known).root_node
        if not again.has_error:
            return again
    return root


def _without_names(root: Node, data: bytes) -> bytes:
    for node in walk(root):
        found = _NAMED.match(data, node.start_byte) if node.type == "command" else None
        if found:
            data = data[: found.start()] + b" " * len(found[0]) + data[found.end() :]
    return data


def walk(root: Node) -> Iterator[Node]:
    """All nodes, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
