"""The stretches of a piece of bash in which it expands nothing: single quotes, quoted documents.

What such a text means is up to the program that gets it: another shell, `awk`, a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class QuotedText:
    """A stretch of a text in single quotes, or a here-document with a quoted end."""

    text: str
    start: int
    end: int


def quoted_in(node: Node, place: Callable[[int], int]) -> QuotedText | None:
    """The text of a node that is one, if it mentions a variable."""
    text = node.text or b""
    if b"$" not in text:
        return None
    if node.type == "raw_string":
        inner = text[1:-1].decode("utf-8", "replace")
        return QuotedText(inner, place(node.start_byte) + 1, place(node.end_byte) - 1)
    start = next((child for child in node.children if child.type == "heredoc_start"), None)
    body = next((child for child in node.children if child.type == "heredoc_body"), None)
    if start and body and re.search(rb"['\"\\]", start.text or b""):
        inner = (body.text or b"").decode("utf-8", "replace")
        return QuotedText(inner, place(body.start_byte), place(body.end_byte))
    return None
