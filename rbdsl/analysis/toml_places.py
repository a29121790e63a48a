"""Where the keys of a TOML text stand, because the standard parser forgets it.

Knows tables and keys written one to a line, bare or quoted, which is how people write them. A
key inside of an inline table is not found on its own, and gets the place of what it stands in.
"""

from __future__ import annotations

import re

from rbdsl.source import Source, Span

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_LINE = re.compile(
    rf"""
    (?P<block>\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?''')          # multi-line strings hold no keys
    | ^[ \t]*\[\[?[ \t]*(?P<table>{_PATH})[ \t]*\]
    | ^[ \t]*(?P<key>{_PATH})[ \t]*=
    """,
    re.MULTILINE | re.VERBOSE,
)


class TomlPlaces:
    """The places in one text, which need not be valid TOML."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._spans: dict[tuple[str, ...], Span] = {}
        table: tuple[str, ...] = ()
        for found in _LINE.finditer(source.text):
            if found["table"] is not None:
                table = _parts(found["table"])
                self._spans.setdefault(table, source.span(*found.span("table")))
            elif found["key"] is not None:
                path = (*table, *_parts(found["key"]))
                self._spans.setdefault(path, source.span(*found.span("key")))

    def of(self, *path: str) -> Span:
        """The key or table of that path, else what it stands in, else the start of the text."""
        for length in range(len(path), 0, -1):
            if span := self._spans.get(path[:length]):
                return span
        end = len(self._source.line(1))
        return self._source.span(0, end)

    def string(self, text: str, *path: str) -> Span:
        """A quoted text in the value of a key, else the key."""
        key = self.of(*path)
        limit = min(
            (s.start for s in self._spans.values() if s.start > key.end),
            default=len(self._source.text),
        )
        value = self._source.text[key.end : limit]
        for quote in "\"'":
            at = value.find(f"{quote}{text}{quote}")
            if at >= 0:
                start = key.end + at
                return self._source.span(start, start + len(text) + 2)
        return key


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))
