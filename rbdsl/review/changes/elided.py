"""Texts that are too long for a line, cut so that what tells them apart is seen.

The beginning is kept, and what differs with a little of what stands around it; `…` stands for
parts that are alike. Two texts that differ never look the same. Widths are columns of a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from posixpath import commonprefix

from rbdsl.patterns import lazy_pattern
from rbdsl.review.visible import width

_TOKEN = lazy_pattern(r"\w+|\s+|[^\w\s]")
_MOST = 600
"""Of more tokens that differ, all between the first and the last difference counts as one."""
_LONG = 24
"""A longer part that differs is compared by characters: a digest, a key."""
_LEAST = 2
_RELATED = 0.5

Part = tuple[int, int]


def cut(text: str, columns: int) -> str:
    """The beginning of a text that is too long."""
    return text if width(text) <= columns else _fitting(text, columns - 1) + "…"


def elided(text: str, other: str, columns: int) -> str:
    """A text beside the one that it is told apart from."""
    if text > other:
        return _pair(other, text, columns)[1]
    return _pair(text, other, columns)[0]


def distinct(lines: Sequence[str], columns: int) -> list[str]:
    """Lines with their signs (`- …`, `+ …`), each told apart from the one most like it."""
    room = columns - 2
    shown = []
    for line in lines:
        like = _most_alike(line, lines) if width(line) > columns else None
        shown.append(cut(line[2:], room) if like is None else elided(line[2:], like, room))
    for _ in lines:
        same: dict[str, set[str]] = {}
        for line, text in zip(lines, shown, strict=True):
            same.setdefault(text, set()).add(line[2:])
        if all(len(bodies) == 1 for bodies in same.values()):
            break
        for at, text in enumerate(shown):
            if len(bodies := same[text]) > 1:
                shown[at] = _window(lines[at][2:], len(commonprefix([*bodies])), room)
    return [line[:2] + text for line, text in zip(lines, shown, strict=True)]


def _most_alike(line: str, lines: Sequence[str]) -> str | None:
    """The line on the other side that a line is read beside; on its own where there is none."""
    others = [o for o in lines if o[2:] != line[2:]]
    others = [o for o in others if o[0] != line[0]] or others
    own = _TOKEN.findall(line[2:])
    scores = {
        o[2:]: SequenceMatcher(None, own, _TOKEN.findall(o[2:])).quick_ratio() for o in others
    }
    best = max(scores, key=lambda other: scores[other], default=None)
    return None if best is None or scores[best] < _RELATED else best


def _pair(one: str, other: str, columns: int) -> tuple[str, str]:
    if max(width(one), width(other)) <= columns or one == other:
        return cut(one, columns), cut(other, columns)
    parts = _differing(one, other)
    shown = (
        _shown(one, [part for part, _ in parts], columns),
        _shown(other, [part for _, part in parts], columns),
    )
    if shown[0] != shown[1]:
        return shown
    at = len(commonprefix([one, other]))
    return _window(one, at, columns), _window(other, at, columns)


def _differing(one: str, other: str) -> list[tuple[Part, Part]]:
    """The parts that differ, in both texts; empty where only the other one has something."""
    tokens = _TOKEN.findall(one), _TOKEN.findall(other)
    begin = len(commonprefix([tokens[0], tokens[1]]))
    rest = [side[begin:] for side in tokens]
    end = len(commonprefix([side[::-1] for side in rest]))
    middle = [side[: len(side) - end] for side in rest]
    if max(map(len, middle)) > _MOST:
        codes = [("replace", 0, len(middle[0]), 0, len(middle[1]))]
    else:
        codes = [*SequenceMatcher(None, middle[0], middle[1], autojunk=False).get_opcodes()]
    places = [_places(side) for side in tokens]
    found = []
    for tag, *numbers in codes:
        if tag != "equal":
            i, j, k, m = (begin + number for number in numbers)
            part = (places[0][i], places[0][j]), (places[1][k], places[1][m])
            found.append(_narrowed(one, other, *part))
    return found


def _places(tokens: Sequence[str]) -> list[int]:
    places = [0]
    for token in tokens:
        places.append(places[-1] + len(token))
    return places


def _narrowed(one: str, other: str, part: Part, beside: Part) -> tuple[Part, Part]:
    """Two long parts without the characters that they begin and end with alike."""
    texts = one[slice(*part)], other[slice(*beside)]
    if min(map(len, texts)) <= _LONG:
        return part, beside
    begin = len(commonprefix([*texts]))
    end = len(commonprefix([text[begin:][::-1] for text in texts]))
    return (part[0] + begin, part[1] - end), (beside[0] + begin, beside[1] - end)


def _shown(text: str, parts: Sequence[Part], columns: int) -> str:
    if width(text) <= columns:
        return text
    for some, longest, around in _ways(len(parts), columns):
        made = _joined(text, [*_kept(text, parts[:some], longest, around, columns // 3)])
        if width(made) <= columns:
            return made
    return _window(text, parts[0][0] if parts else 0, columns)


def _ways(count: int, columns: int) -> Iterator[tuple[int, int, int]]:
    """How many parts to show, how much of each, and how much around it: the best first."""
    for longest in (columns, columns // 2, columns // 4, columns // 8):
        for around in range(columns, _LEAST - 1, -4):
            yield count, longest, around
    for some in range(count - 1, 0, -1):
        yield some, columns // 8, _LEAST


def _kept(text: str, parts: Sequence[Part], longest: int, around: int, head: int) -> Iterator[Part]:
    """What is shown: the beginning and the parts, from word to word where that is near."""
    yield 0, max(text.rfind(" ", 0, head + 1), head // 2)
    for start, end in parts:
        first = max(start - around, 0)
        space = text.find(" ", first, max(start - _LEAST, first))
        last = min(end, start + longest)
        yield (first if space < 0 or not first else space + 1), last
        if last == end:
            beyond = min(end + around, len(text))
            space = text.rfind(" ", end, beyond) if beyond < len(text) else -1
            yield end, (beyond if space < 0 else space)


def _joined(text: str, kept: Sequence[Part]) -> str:
    made, at = "", 0
    for start, end in sorted(kept):
        if end <= at and end < len(text):
            continue
        made += text[at:end] if start <= at + 1 else f"…{text[start:end]}"
        at = max(at, end)
    return made if at >= len(text) else f"{made}…"


def _window(text: str, at: int, columns: int) -> str:
    """The beginning, and what stands at a place: the same cut for all that is alike before it."""
    if width(text[: at + 1]) < columns:
        return cut(text, columns)
    begin = max(at - columns // 6, 0)
    return cut(f"{_fitting(text[:begin], columns // 3)}…{text[begin:]}", columns)


def _fitting(text: str, columns: int) -> str:
    """As much of the beginning as there is room for."""
    if width(text) <= columns:
        return text
    used = 0
    for at, character in enumerate(text):
        used += width(character)
        if used > columns:
            return text[:at]
    return text
