"""Words of a call that a shell gets as a text: what it reads, and where that stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from rbdsl.analysis.calls import Word
from rbdsl.patterns import lazy_pattern

_ESCAPED = lazy_pattern(r'\\([$`"\\])')

Placed = tuple[str, Callable[[int], int]]
"""A text, and the way from its offsets to those of the whole text."""


def joined(words: Sequence[Word]) -> Placed:
    """Words that a shell gets as one text, with blanks between them."""
    if len(words) == 1:
        return read(words[0]), placing(words[0])
    text, starts = "", []
    for word in words:
        starts.append((len(text), word))
        text += word.text + " "
    return text.rstrip(), lambda offset: _in_words(starts, offset)


def _in_words(starts: Sequence[tuple[int, Word]], offset: int) -> int:
    begin, word = next((s, w) for s, w in reversed(starts) if s <= offset)
    return min(word.start + int(word.quoted) + offset - begin, word.end)


def without(word: Word, skipped: int) -> Word:
    """A word without its first characters, which no quote holds: `--command='ls -l'`."""
    if not skipped:
        return word
    text, start = word.text[skipped:], word.start + skipped
    return replace(word, text=text, start=start, quoted=word.end - start == len(text) + 2)


def read(word: Word) -> str:
    """What a shell gets of a word: without the backslashes that double quotes take away."""
    return _ESCAPED.sub(r"\1", word.text) if word.escaped else word.text


def placing(word: Word) -> Callable[[int], int]:
    """From an offset in the text of a quoted word to one in the whole text.

    Exact where nothing in it is expanded; else the word's own place.
    """
    if word.end - word.start != len(word.text) + 2 * int(word.quoted):
        return lambda offset: word.start if offset == 0 else word.end
    begin = word.start + int(word.quoted)
    if not word.escaped:
        return lambda offset: begin + offset
    gone = [match.start() - at for at, match in enumerate(_ESCAPED.finditer(word.text))]
    return lambda offset: begin + offset + bisect_right(gone, offset)
