"""What is opened in a piece of bash and never closed: a quote, a block, a bracket, a here-document.

bash itself only says that the end came too early; where the mistake is, is where it was opened.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rbdsl.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_CLOSERS = {
    "if": "fi",
    "for": "done",
    "while": "done",
    "until": "done",
    "select": "done",
    "case": "esac",
    "{": "}",
    "(": ")",
    "((": "))",
    "[[": "]]",
    "$(": ")",
    "<(": ")",
    ">(": ")",
    "${": "}",
    "$((": "))",
    "`": "`",
    '"': '"',
    "'": "'",
}
_MISSING = frozenset(_CLOSERS.values())


@dataclass(frozen=True, slots=True)
class Opener:
    """What is never closed: an offset in characters, what stands there, and what would close it.

    Of a here-document `opens` is `<<` and `closes` the word of its last line.
    """

    offset: int
    opens: str
    closes: str


def opener(text: str) -> Opener | None:
    """The first thing in a text that is never closed; None where that can't be said."""
    from rbdsl.analysis.shell import parsed

    root = parsed(text)
    data = text.encode("utf-8", "replace")
    found = next(_open_documents(root, data), None) or next(_unclosed(root), None)
    if found is None:
        return None
    byte, opens, closes = found
    return Opener(len(data[:byte].decode("utf-8", "ignore")), opens, closes)


def _open_documents(root: Node, data: bytes) -> Iterator[tuple[int, str, str]]:
    """The here-documents that no line ends."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        children = node.children
        for sign, mark in pairwise(children):
            if sign.type not in ("<<", "<<-") or mark.type != "heredoc_start":
                continue
            word = (mark.text or b"").strip(b"'\"\\")
            lines = data[mark.end_byte :].split(b"\n")[1:]
            if sign.type == "<<-":
                lines = [line.lstrip(b"\t") for line in lines]
            if word not in lines:
                yield sign.start_byte, "<<", word.decode("utf-8", "replace")
        waiting.extend(reversed(children))


def _unclosed(root: Node) -> Iterator[tuple[int, str, str]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing and node.type in _MISSING and node.parent is not None:
            opens = _opening_of(node.parent, node.type)
            if opens is not None:
                yield opens.start_byte, opens.type, node.type
        if node.is_error:
            yield from _left_open(node)
        waiting.extend(reversed(node.children))


def _opening_of(node: Node, closes: str) -> Node | None:
    """The token of a node, or of one around it, that the closing one belongs to."""
    inside: Node | None = node
    for _ in range(3):
        if inside is None:
            return None
        for child in inside.children:
            if _CLOSERS.get(child.type) == closes and not child.is_missing:
                return child
        inside = inside.parent
    return None


def _left_open(error: Node) -> Iterator[tuple[int, str, str]]:
    """The outermost token among the pieces of an error that nothing closes."""
    opened: list[Node] = []
    for child in error.children:
        if opened and _CLOSERS[opened[-1].type] == child.type:
            opened.pop()
        elif child.type in _CLOSERS:
            opened.append(child)
    if not opened and error.text and error.text[:1] in (b"'", b'"'):
        quote = error.text[:1].decode()
        yield error.start_byte, quote, quote
    for one in opened:
        yield one.start_byte, one.type, _CLOSERS[one.type]
