"""An `exit` or `return` that nothing decides about, with commands behind it that are never run.

In: a text. Out: where it stands, and where the commands behind it do, by offsets in characters.
Only at the top: what stands in a branch, a loop, a function, a subshell or behind `||` is reached
by some runs and not by others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.shell import parsed
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

_INTERESTING = lazy_pattern(r"\b(?:exit|return)\b")
_ENDS = frozenset([b"exit", b"return"])
_HOLDING = frozenset([b"true", b":"])
_NOT_RUN = frozenset(["comment", "function_definition", "heredoc_body"])


class EarlyEnd(NamedTuple):
    """The stretch of the `exit`, that of all commands behind it, and whether it succeeds."""

    start: int
    end: int
    behind: tuple[int, int]
    succeeds: bool


@lru_cache(maxsize=1024)
def early_end(text: str) -> EarlyEnd | None:
    """The first one, or None."""
    if not _INTERESTING.search(text):
        return None
    statements = [node for node in parsed(text).children if node.is_named]
    for at, node in enumerate(statements):
        ending = _ending(node)
        if ending is None:
            continue
        behind = [s for s in statements[at + 1 :] if s.type not in _NOT_RUN]
        if not behind:
            return None
        place = in_characters(text)
        return EarlyEnd(
            place(node.start_byte),
            place(node.end_byte),
            (place(behind[0].start_byte), place(behind[-1].end_byte)),
            _succeeds(ending),
        )
    return None


def _ending(node: Node) -> Node | None:
    """The command that ends the shell here, whatever was before: `exit`, `true && exit`."""
    following = node.next_sibling
    if following is not None and following.type == "&":
        return None
    if node.type == "list":
        left, sign, right = node.children[0], node.children[1], node.children[-1]
        holds = left.type == "command" and left.text in _HOLDING
        return _ending(right) if holds and sign.type == "&&" else None
    name = node.child_by_field_name("name") if node.type == "command" else None
    return node if name is not None and name.text in _ENDS else None


def _succeeds(command: Node) -> bool:
    """Whether the text ends with 0 for sure, or with the status of what was done before."""
    given = [c.text for c in command.children_by_field_name("argument")]
    return given in ([], [b"0"])
