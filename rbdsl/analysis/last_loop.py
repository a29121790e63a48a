"""The loop that is all that a piece of bash prints: its last statement, alone or before a pipe.

In: a text. Out: where that statement begins and ends, in characters; None where there is no such
loop, or where something else before it may print.
"""

from __future__ import annotations

from functools import lru_cache

from rbdsl.analysis.call_walk import in_characters

_LOOPS = ("for_statement", "while_statement")
_AROUND = ("pipeline", "redirected_statement")
_QUIET = ("variable_assignment", "variable_assignments", "declaration_command", "comment")


@lru_cache(maxsize=256)
def last_loop(text: str) -> tuple[int, int] | None:
    """The stretch of the loop, the pipe behind it included."""
    from rbdsl.analysis.shell import parsed

    statements = [node for node in parsed(text).children if node.is_named]
    if not statements or any(node.type not in _QUIET for node in statements[:-1]):
        return None
    node = last = statements[-1]
    while node.type in _AROUND and node.children:
        node = node.children[0]
    if node.type not in _LOOPS:
        return None
    place = in_characters(text)
    return place(last.start_byte), place(last.end_byte)
