"""Bash without what does not matter: comments, indentation, blank lines, line continuations.

Two texts with the same normal form do the same. Strings and here-documents stay as they are.
"""

from __future__ import annotations

from functools import lru_cache

from rbdsl.analysis.shell import parsed
from rbdsl.analysis.shell_grammar import walk
from rbdsl.patterns import lazy_pattern

_LITERAL = frozenset(
    ["string", "raw_string", "ansi_c_string", "translated_string", "heredoc_body", "heredoc_end"]
)
_CONTINUED = lazy_pattern(r"(?:(?<![ \t])[ \t]+)?\\\n[ \t]*")
_BLANKS = lazy_pattern(r"[ \t]+")
_LINE_END = lazy_pattern(r"(?:(?<! ) +)?\n[ \n]*")


@lru_cache(maxsize=4096)
def normalised(text: str) -> str:
    """The normal form of a text; empty where it holds no command."""
    data = text.encode("utf-8", "replace")
    made: list[str] = []
    at = 0
    for start, end, kept in _stretches(text):
        made.append(_squeezed(data[at:start]))
        made.append(data[start:end].decode("utf-8", "replace") if kept else "")
        at = end
    made.append(_squeezed(data[at:]))
    return "".join(made).strip(" \n")


def _stretches(text: str) -> list[tuple[int, int, bool]]:
    """Literals (kept as they are) and comments (dropped), as bytes, in order and apart."""
    found: list[tuple[int, int, bool]] = []
    end = 0
    for node in walk(parsed(text)):
        if node.start_byte < end:
            continue
        if node.type in _LITERAL or node.type == "comment":
            found.append((node.start_byte, node.end_byte, node.type != "comment"))
            end = node.end_byte
    return found


def _squeezed(data: bytes) -> str:
    text = _CONTINUED.sub(" ", data.decode("utf-8", "replace"))
    return _LINE_END.sub("\n", _BLANKS.sub(" ", text))
