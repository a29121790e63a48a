"""Text as a terminal shows it: cells with their widths, and nothing that drives the terminal.

A plan may hold any character. Escape sequences, other control characters and those that
reorder text are replaced by a visible spelling, so that looking at a plan is harmless.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

TAB = 4
"""Tab stops in snippets."""

_JOINERS = "\u200c\u200d"
_PLAIN = re.compile(r"[ -~]*\Z")


class Cell(NamedTuple):
    """One character of a line: what is printed for it, and how many columns that takes."""

    text: str
    width: int


def cells(line: str) -> list[Cell]:
    """The cells of a line, one per character; tabs reach to the next tab stop."""
    found = []
    column = 0
    for character in line:
        if character == "\t":
            cell = Cell(" " * (TAB - column % TAB), TAB - column % TAB)
        else:
            cell = _cell(character)
        found.append(cell)
        column += cell.width
    return found


def visible(text: str) -> str:
    """A text for one line of a terminal: line ends and control characters are made visible."""
    if _PLAIN.match(text):
        return text
    return "".join(_cell(character).text for character in text)


def width(text: str) -> int:
    """How many columns a text takes that is `visible` already."""
    return len(text) if _PLAIN.match(text) else sum(_cell(character).width for character in text)


def _cell(character: str) -> Cell:
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return Cell(character, 1)
    if code < 0x20:
        return Cell(chr(0x2400 + code), 1)
    if code == 0x7F:
        return Cell("\u2421", 1)
    category = unicodedata.category(character)
    if category in {"Mn", "Me"} or character in _JOINERS:
        return Cell(character, 0)
    if category in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}:
        spelling = f"<U+{code:04X}>"
        return Cell(spelling, len(spelling))
    return Cell(character, 2 if unicodedata.east_asian_width(character) in "WF" else 1)
