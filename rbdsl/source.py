"""Source texts and the places in them.

Offsets count characters of the decoded text (a byte order mark is not part of it). Lines and
columns count from 1, in characters, which is what people and most review formats expect.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field
from functools import cached_property
from typing import NamedTuple

from rbdsl.record import dataclass


class Position(NamedTuple):
    """A place as people name it: line and column, both from 1, the column in characters."""

    line: int
    column: int


@dataclass(eq=False)
class Source:
    """One text with the path that it is shown under. Compared by identity."""

    path: str
    text: str
    bom: bool = field(default=False, kw_only=True)

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of the first character of each line; a line ends with its newline."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """The line and column of an offset; the end of the text is a valid offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line ending."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets, the second one outside."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: `start` is inside, `end` is not."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source.text[self.start : self.end]

    @property
    def begin(self) -> Position:
        """Line and column of the first character."""
        return self.source.position(self.start)

    @property
    def finish(self) -> Position:
        """Line and column behind the last character."""
        return self.source.position(self.end)

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of the other."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        line, column = self.begin
        return f"{self.source.path}:{line}:{column}"

    def __repr__(self) -> str:
        return f"Span({self})"
