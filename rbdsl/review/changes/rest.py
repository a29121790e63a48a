"""What no other comparison tells of a part: every field that is left, as a change to be read.

So that nothing is called the same which is not: a comparison names the fields that it tells
itself, and all others of the record are compared here, those of tomorrow too.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.meaning import fields, meaning, said
from rbdsl.review.changes.wording import quoted

_PROSE = frozenset(["title", "note", "objective", "critical", "because", "change", "description"])
"""Fields that nothing but people read."""

_WORDS = {
    "counts_breaches": "what is counted",
    "stands_for": "`as`",
    "subjects": "`for`",
    "secret": "`using`",
    "start": "begin",
    "end": "end",
    "bindings": "the values it is given",
}


def rest(place: Place, old: object, new: object, told: str = "") -> Iterator[Change]:
    """The fields of two records of one kind that differ, but for those `told`, by name."""
    left = [name for name in fields(new) if name not in told.split()]
    differing = [n for n in left if meaning(getattr(old, n)) != meaning(getattr(new, n))]
    kind = type(new).__name__.lower()
    for name in [name for name in differing if name == "critical"]:
        before, after = said(getattr(old, name)), said(getattr(new, name))
        if not after:
            what = f"`{name}` removed, was {quoted(before)}"
            yield place.weaker(f"{name}-removed", what, "nobody is warned of it any more")
        elif not before:
            yield place.stronger(f"{name}-added", f"`{name}` added: {quoted(after)}")
        else:
            continue
        differing.remove(name)
    prose = [f"`{name}`" for name in differing if name in _PROSE]
    if prose:
        yield place.neutral("wording-changed", f"other words in {' and '.join(prose)}")
    for name in differing:
        if name in _PROSE:
            continue
        before, after = said(getattr(old, name)), said(getattr(new, name))
        word = _WORDS.get(name, f"`{name}`")
        yield place.neutral(
            f"{kind}-{name.replace('_', '-')}-changed",
            _what(word, before, after, gone=not getattr(new, name), new=not getattr(old, name)),
            before=before,
            after=after,
        )


def _what(word: str, before: str, after: str, *, gone: bool, new: bool) -> str:
    if gone:
        return f"{word} removed" + (f", was {quoted(before)}" if before else "")
    if new:
        return f"{word} added" + (f": {quoted(after)}" if after else "")
    return f"{word} {_far(after, before)}, was {_far(before, after)}"


def _far(text: str, other: str) -> str:
    """A text in quotes, from a little before the place where it begins to differ."""
    start = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), 0)
    start = min(start, len(text))
    if start <= 40:
        return quoted(text)
    return quoted("…" + text[start - 20 :])
