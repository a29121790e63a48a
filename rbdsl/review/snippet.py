"""Source lines with marks under them.

A `Mark` is a stretch of a source with an optional text. Marks of one source are drawn into one
snippet: the lines that they stand on, marks under the lines, texts beside or below the marks.
A mark over several lines shows its first and its last line. Lines that are wider than the
terminal are cut around their marks.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from rbdsl.record import dataclass
from rbdsl.review.palette import Palette
from rbdsl.review.visible import cells, visible, width
from rbdsl.source import Source, Span

Paint = Callable[[str], str]

_ELLIPSIS = "…"
_NARROWEST = 24
"""Texts beside a mark get at least this many columns, or stand below it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch to underline, its text ("" for none), and whether it is what it is all about."""

    span: Span
    text: str
    main: bool


@dataclass(frozen=True, slots=True)
class _Stroke:
    """The part of a mark on one line, in characters from 0; `end` is at least `start` + 1."""

    start: int
    end: int
    text: str
    main: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A line as it is shown: its characters, the columns that they begin at and the last one's
    end, and all of it.
    """

    texts: tuple[str, ...]
    edges: tuple[int, ...]
    code: str


def draw(
    source: Source, marks: Sequence[Mark], *, gutter: int, columns: int, paint: Paint, look: Palette
) -> list[str]:
    """The lines of a snippet.

    `gutter` is the width of the line numbers, `columns` that of the terminal, `paint` colours
    main marks and `look` the rest.
    """
    strokes = _strokes(marks)
    room = max(columns - gutter - 3, _NARROWEST)
    bar = look.frame("|")
    rows = [f"{'':{gutter}} {bar}"]
    previous: int | None = None
    for number in _with_single_gaps(sorted(strokes)):
        if previous is not None and number > previous + 1:
            rows.append(look.frame("." * min(gutter, 3)).ljust(gutter) + f" {bar}")
        code, under = _line(source.line(number), strokes.get(number, []), room, paint, look)
        rows.append(f"{look.frame(f'{number:>{gutter}}')} {bar} {code}".rstrip())
        rows += [f"{'':{gutter}} {bar} {row}" for row in under]
        previous = number
    return rows


def last_line(marks: Iterable[Mark]) -> int:
    """The highest line number that a snippet of these marks shows."""
    return max(max(_strokes([mark])) for mark in marks)


def _strokes(marks: Iterable[Mark]) -> dict[int, list[_Stroke]]:
    """The marks by the lines that they are drawn on."""
    found: dict[int, list[_Stroke]] = {}
    for mark in marks:
        source = mark.span.source
        first, column = mark.span.begin
        last, end = source.position(max(mark.span.end, mark.span.start))
        if last > first and end == 1:
            # It ends with the line end before: that line is its last one.
            last -= 1
            end = len(source.line(last)) + 1
        line = source.line(first)
        start = min(column - 1, len(line))
        if last == first:
            stroke = _Stroke(start, max(min(end - 1, len(line)), start + 1), mark.text, mark.main)
            found.setdefault(first, []).append(stroke)
            continue
        stroke = _Stroke(start, max(len(line), start + 1), mark.text, mark.main)
        found.setdefault(first, []).append(stroke)
        tail = source.line(last)
        indent = len(tail) - len(tail.lstrip())
        closing = _Stroke(indent, max(end - 1, indent + 1), "", mark.main)
        found.setdefault(last, []).append(closing)
    return found


def _with_single_gaps(numbers: Sequence[int]) -> list[int]:
    """The line numbers, and those between two of them that are only one line apart."""
    full: list[int] = []
    for number in numbers:
        if full and number == full[-1] + 2:
            full.append(number - 1)
        full.append(number)
    return full


def _line(
    text: str, strokes: list[_Stroke], room: int, paint: Paint, look: Palette
) -> tuple[str, list[str]]:
    """A source line cut to `room` columns, and the rows under it."""
    line = _drawn(text)
    texts, edges, code = line.texts, line.edges, line.code
    shift = 0
    if edges[-1] > room:
        code, shift = _cut(texts, edges, strokes, room)

    def column(character: int) -> int:
        """The column of a character in the cut line, kept within it."""
        beyond = max(character - len(texts), 0)
        return min(max(edges[min(character, len(texts))] + beyond - shift, 0), room)

    placed = [
        _Stroke(at := column(s.start), max(column(s.end), at + 1), s.text, s.main) for s in strokes
    ]
    return code, _under(placed, room, paint, look)


@lru_cache(maxsize=32)
def _drawn(text: str) -> _Drawn:
    """Kept, as a long line with many findings is drawn once for each of them."""
    drawn = cells(text)
    texts = tuple(cell.text for cell in drawn)
    edges = tuple(accumulate((cell.width for cell in drawn), initial=0))
    return _Drawn(texts, edges, "".join(texts))


def _cut(
    texts: Sequence[str], edges: Sequence[int], strokes: list[_Stroke], room: int
) -> tuple[str, int]:
    """A window of `room` columns on a long line, and the columns that it is moved by."""
    first = edges[min((s.start for s in strokes), default=0)] if strokes else 0
    last = edges[min(max((s.end for s in strokes), default=0), len(texts))]
    # The marks with a little before them; a mark wider than the window shows its start.
    slack = max((room - (last - first)) // 2, 4)
    start = 0 if last + 2 < room else max(first - slack, 0)
    begin = bisect_left(edges, start)
    head = _ELLIPSIS if begin else ""
    limit = edges[begin] + room - 1 - len(head)
    stop = begin
    while stop < len(texts) and edges[stop + 1] <= limit:
        stop += 1
    tail = _ELLIPSIS if stop < len(texts) else ""
    return head + "".join(texts[begin:stop]) + tail, edges[begin] - len(head)


def _under(strokes: list[_Stroke], room: int, paint: Paint, look: Palette) -> list[str]:
    """The rows under a line: the marks, then the texts, the rightmost one beside its mark."""
    if not strokes:
        return []
    row = _Row()
    for stroke in sorted(strokes, key=lambda s: s.main):
        brush = paint if stroke.main else look.frame
        row.put(stroke.start, ("^" if stroke.main else "-") * (stroke.end - stroke.start), brush)
    texts = sorted((s for s in strokes if s.text), key=lambda s: (s.start, s.main))
    rows = [row]
    if texts and texts[-1].end >= max(s.end for s in strokes):
        beside = texts[-1]
        brush = paint if beside.main else look.frame
        lines = _wrap(beside.text, room - beside.end - 1)
        # A text that needs more than two lines beside its mark has more room below it.
        if len(lines) <= 2 and max(map(width, lines)) <= room - beside.end - 1:
            texts.pop()
            row.put(beside.end + 1, lines[0], brush)
            for line in lines[1:]:
                below = _Row()
                _pillars(below, texts, paint, look)
                below.put(beside.end + 1, line, brush)
                rows.append(below)
    while texts:
        rows += _hang(texts, room, paint, look)
        texts.pop()
    return [row.text for row in rows]


def _hang(texts: list[_Stroke], room: int, paint: Paint, look: Palette) -> list[_Row]:
    """The last of the texts below its mark, with pillars down from the marks before it."""
    pillars = _Row()
    _pillars(pillars, texts, paint, look)
    rows = [pillars]
    stroke = texts[-1]
    at = stroke.start if room - stroke.start >= _NARROWEST else max(room - _NARROWEST, 0)
    for line in _wrap(stroke.text, room - at):
        row = _Row()
        _pillars(row, [t for t in texts[:-1] if t.start < at], paint, look)
        row.put(at, line, paint if stroke.main else look.frame)
        rows.append(row)
    return rows


def _pillars(row: _Row, texts: Iterable[_Stroke], paint: Paint, look: Palette) -> None:
    for stroke in texts:
        row.put(stroke.start, "|", paint if stroke.main else look.frame)


def _wrap(text: str, room: int) -> list[str]:
    return textwrap.wrap(visible(text), max(room, _NARROWEST)) or [""]


class _Row:
    """One row of characters, each with its colour."""

    def __init__(self) -> None:
        self._cells: dict[int, tuple[str, Paint]] = {}

    def put(self, column: int, text: str, paint: Paint) -> None:
        """Write over what stands there."""
        self._cells.update((column + i, (character, paint)) for i, character in enumerate(text))

    @property
    def text(self) -> str:
        """The row, stretches of one colour painted at once."""
        if not self._cells:
            return ""
        parts: list[str] = []
        stretch, brush = "", None
        for column in range(max(self._cells) + 1):
            character, paint = self._cells.get(column, (" ", None))
            if paint is not brush:
                parts.append(brush(stretch) if brush else stretch)
                stretch, brush = "", paint
            stretch += character
        parts.append(brush(stretch) if brush else stretch)
        return "".join(parts).rstrip()
