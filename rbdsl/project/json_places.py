"""Where the values of a JSON text stand, because the standard parser forgets it.

The text has to be valid, and not nested more deeply than `files.decode` lets through.
"""

from __future__ import annotations

from rbdsl.patterns import lazy_pattern
from rbdsl.source import Source, Span

Path = tuple[str | int, ...]

_TOKEN = lazy_pattern(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


_MOST_DIGITS = 4000


def long_number(source: Source) -> Span | None:
    """The first number that is too long to be read."""
    for found in _TOKEN.finditer(source.text):
        if found[0].lstrip("-").isdigit() and len(found[0]) > _MOST_DIGITS:
            return source.span(*found.span())
    return None


class JsonPlaces:
    """The places in one text."""

    def __init__(self, source: Source) -> None:
        """Reads through the text once."""
        self._source = source
        self._tokens = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(source.text)]
        self._at = 0
        self._values: dict[Path, Span] = {}
        self._keys: dict[Path, Span] = {}
        self._value(())

    def of(self, *path: str | int) -> Span:
        """The value at a path, else what it should stand in."""
        for length in range(len(path), -1, -1):
            if span := self._values.get(path[:length]):
                return span
        return self._source.span(0, 0)

    def key(self, *path: str | int) -> Span:
        """The key at the end of a path."""
        return self._keys.get(path) or self.of(*path)

    def _value(self, path: Path) -> None:
        word, start, end = self._tokens[self._at]
        self._at += 1
        if word in {"{", "["}:
            end = self._members(path, closing="}" if word == "{" else "]")
        self._values[path] = self._source.span(start, end)

    def _members(self, path: Path, closing: str) -> int:
        """Reads up to the closing bracket, and gives the offset behind it."""
        index = 0
        while True:
            word, start, end = self._tokens[self._at]
            if word == closing:
                self._at += 1
                return end
            if word == ",":
                self._at += 1
            elif closing == "}":
                name = (*path, word[1:-1])
                self._keys[name] = self._source.span(start, end)
                self._at += 2  # the key and its colon
                self._value(name)
            else:
                self._value((*path, index))
                index += 1
