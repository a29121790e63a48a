"""Commands of arithmetic that end a strict shell, because their value is 0: `((i++))` from 0 on.

`((…))` and `let` end with 1 where their value is 0, as if they had failed. In: a text. Out: those
that surely do and that nobody asks, by offsets in characters. Of a variable its last setting before
has to be a plain 0 that nothing stands between. Functions, parts of pipes and other shells are left
alone: there it takes more to say what becomes of a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.call_walk import in_characters
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_STEPS = lazy_pattern(r"\(\(\s*(\w+)(\+\+|--)\s*\)\)|let\s+[\"']?(\w+)(\+\+|--)[\"']?")
_SETS = lazy_pattern(r"\(\(\s*(\w+)\s*=\s*0\s*\)\)|let\s+[\"']?(\w+)\s*=\s*0[\"']?")
_MAY_BE = lazy_pattern(r"\(\(\s*\w+\s*(?:\+\+|--|=\s*0)|\blet\b")
_UNSTRICT = lazy_pattern(r"\bset\s+\+(?:\w*e|o\s+errexit)")
_ZEROS = frozenset(["0", '"0"', "'0'", "", '""', "''"])
_PASSING = frozenset(
    """
    program do_group else_clause case_item case_statement for_statement c_style_for_statement
    compound_statement redirected_statement while_statement if_statement elif_clause list
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What hands the status of a statement in it on, from the right place in it."""


@dataclass(frozen=True, slots=True)
class ZeroEnd:
    """A command of arithmetic from `start` to `end` whose value is 0.

    `operator` is `++`, `--`, or `=` where it sets the variable to 0; `bracketed` says that it is
    `((…))` and not `let`.
    """

    name: str
    operator: str
    start: int
    end: int
    bracketed: bool


@lru_cache(maxsize=512)
def zero_ends(text: str) -> tuple[ZeroEnd, ...]:
    """Those of a text, in order; none where it is not strict all the way."""
    if not _MAY_BE.search(text) or _UNSTRICT.search(text):
        return ()
    return tuple(_found(text))


def _found(text: str) -> Iterator[ZeroEnd]:
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    root = parsed(text)
    if root.has_error:
        return
    place = in_characters(text)
    nodes = list(walk(root))
    for node in nodes:
        if node.type not in ("compound_statement", "command") or not _counts(node):
            continue
        said = _text(node)
        bounds = (place(node.start_byte), place(node.end_byte))
        if found := _SETS.fullmatch(said):
            yield ZeroEnd(found[1] or found[2], "=", *bounds, said.startswith("("))
        elif found := _STEPS.fullmatch(said):
            name = found[1] or found[3]
            if _is_zero(name, node, nodes):
                yield ZeroEnd(name, found[2] or found[4], *bounds, said.startswith("("))


def _counts(node: Node) -> bool:
    """Whether a failure of a statement ends the text."""
    while node.parent is not None:
        parent = node.parent
        if parent.type not in _PASSING:
            return False
        if parent.type == "list" and node != parent.children[-1]:
            return False
        if parent.type == "while_statement" and node.type != "do_group":
            return False
        if parent.type in ("if_statement", "elif_clause"):
            words = [child.type for child in parent.children]
            begin = parent.children[words.index("then")].start_byte if "then" in words else 0
            if node.start_byte < begin:
                return False
        node = parent
    return True


def _is_zero(name: str, node: Node, nodes: list[Node]) -> bool:
    """Whether a variable is surely 0 where a statement is reached for the first time."""
    before = [
        other
        for other in nodes
        if other.type == "variable_assignment"
        and other.start_byte < node.start_byte
        and _text(other).startswith(f"{name}=")
    ]
    if not before or _text(before[-1]).partition("=")[2] not in _ZEROS:
        return False
    holder = before[-1].parent
    if holder is not None and holder.type in ("declaration_command", "variable_assignments"):
        holder = holder.parent
    return holder in _ancestors(node) and not _is_set(name, _between(before[-1], node, nodes))


def _between(first: Node, last: Node, nodes: list[Node]) -> str:
    """What stands between two nodes, without comments."""
    root = nodes[0]
    data = bytearray(root.text or b"")
    for node in nodes:
        if node.type == "comment":
            begin, end = node.start_byte - root.start_byte, node.end_byte - root.start_byte
            data[begin:end] = b" " * (end - begin)
    begin, end = first.end_byte - root.start_byte, last.start_byte - root.start_byte
    return data[begin:end].decode("utf-8", "replace")


def _is_set(name: str, text: str) -> bool:
    """Whether anything in a text may set a variable in another way than by `name=`."""
    return (
        re.search(
            rf"\b{name}\s*(?:\+\+|--|[-+*/%|&^]?=(?!=))|(?:\+\+|--){name}\b"
            rf"|\b(?:read|for|mapfile|readarray|select|getopts|printf\s+-v|source|eval)\b.*\b{name}\b",
            text,
        )
        is not None
    )


def _ancestors(node: Node) -> list[Node]:
    found = []
    parent = node.parent
    while parent is not None:
        found.append(parent)
        parent = parent.parent
    return found


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
