"""The patterns of `extglob`, `!(keep)` and `@(a|b)`, where bash can't read them.

bash reads a step as a whole, as the body of a function, with `extglob` off: a `shopt -s extglob` in
it has not been run by then. Only behind `==` in `[[ … ]]` it is on in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

_PATTERN = lazy_pattern(r"[?*+@!]\([^()\n]*\)")
_OPENING = lazy_pattern(rb"[?*+@!]\(")
_DEEPEST = 10
_SAID = frozenset(["comment", "string", "raw_string", "ansi_c_string", "heredoc_body"])


def unreadable_pattern(text: str) -> tuple[int, int] | None:
    """Where the pattern stands for which a text is no complete bash, by offsets in characters.

    None where the text is complete, and where it would not be without its patterns, either.
    """
    from rbdsl.analysis.shell import problem_in

    if problem_in(text) is None:
        return None
    without = text
    spans: list[tuple[int, int]] = []
    for _ in range(_DEEPEST):  # of one in another the inner one comes first
        found = [match.span() for match in _PATTERN.finditer(without)]
        if not found:
            break
        spans = [*found, *spans]
        without = _PATTERN.sub(lambda match: "x" * len(match[0]), without)
    if not spans or problem_in(without) is not None:
        return None
    said = _said(without)
    real = [(a, b) for a, b in spans if not any(start <= a < end for start, end in said)]
    return min(real, key=lambda span: (span[0], -span[1]), default=None)


def _said(text: str) -> list[tuple[int, int]]:
    """The comments and strings of a text, by offsets in characters."""
    from rbdsl.analysis.call_walk import in_characters
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    place = in_characters(text)
    nodes = (node for node in walk(parsed(text)) if node.type in _SAID)
    return [(place(node.start_byte), place(node.end_byte)) for node in nodes]


def in_a_case(node: Node) -> bool:
    """Whether a node is such a pattern of a `case`, which the grammar takes and bash does not."""
    parent = node.parent
    return (
        node.type == "extglob_pattern"
        and parent is not None
        and parent.type == "case_item"
        and _OPENING.search(node.text or b"") is not None
    )
