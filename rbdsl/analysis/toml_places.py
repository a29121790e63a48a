"""TOML texts, and where their keys stand, because the standard parser forgets it.

Knows tables and keys written one to a line, bare or quoted, which is how people write them, and
those inside of an inline table. What is not found gets the place of what it stands in.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any

from rbdsl.diagnostics import Code, Diagnostic
from rbdsl.patterns import lazy_pattern
from rbdsl.source import Source, Span

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_LINE = lazy_pattern(
    rf"""
    (?P<block>\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?''')          # multi-line strings hold no keys
    | ^[ \t]*\[\[?[ \t]*(?P<table>{_PATH})[ \t]*\]
    | ^[ \t]*(?P<key>{_PATH})[ \t]*=
    """,
    re.MULTILINE | re.VERBOSE,
)
_MOST_DIGITS = 4000
_NUMBER = lazy_pattern(
    r"\"\"\"[\s\S]*?\"\"\"|\'\'\'[\s\S]*?\'\'\'"
    r"|\"(?:[^\"\\\n]|\\.)*\"|\'[^\'\n]*\'|#[^\n]*|(?P<digits>[+-]?[0-9][0-9_]+)"
)
"""The numbers, and what may hold digits that are none."""


def read_toml(
    source: Source, code: Code, what: str
) -> tuple[dict[str, Any] | None, Diagnostic | None]:
    """The document of a text, or the finding of that code which says why `what` is no TOML."""
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return None, _not_toml(source, str(error), code, what)
    except RecursionError:
        message = "Its values are nested too deeply (at line 1, column 1)"
        return None, _not_toml(source, message, code, what)
    except ValueError as error:  # a number of thousands of digits
        return None, _of_long_number(source, error, code, what)
    path = _of_large_number(document)
    if path is None:
        return document, None
    span = TomlPlaces(source).of(*path)
    fact = "a number is too large: there is room for 64 bits"
    return None, code.at(span, f"{what} is not valid TOML: {fact}")


def _of_large_number(value: object) -> tuple[str, ...] | None:
    """The keys to the first whole number that TOML has no room for."""
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**63 else ()
    if isinstance(value, dict):
        inside = ((key, _of_large_number(part)) for key, part in value.items())
        return next(((key, *path) for key, path in inside if path is not None), None)
    if isinstance(value, list):
        return next((path for path in map(_of_large_number, value) if path is not None), None)
    return None


def _of_long_number(source: Source, error: ValueError, code: Code, what: str) -> Diagnostic:
    """The finding about a number that is too long to be read."""
    for found in _NUMBER.finditer(source.text):
        digits = len(re.sub(r"\D", "", found["digits"] or ""))
        if digits > _MOST_DIGITS:
            fact = f"a number has {digits} digits: there is room for 64 bits"
            return code.at(source.span(*found.span("digits")), f"{what} is not valid TOML: {fact}")
    return _not_toml(source, f"{error} (at line 1, column 1)", code, what)


def _not_toml(source: Source, message: str, code: Code, what: str) -> Diagnostic:
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    text = source.text
    if found:
        line, column = int(found[1]), int(found[2])
        start = min(source.line_starts[line - 1] + column - 1, len(text))
        message = message[: found.start()]
    else:
        start = len(text.rstrip())
        message = message.removesuffix(" (at end of document)")
    span = source.span(start, min(start + 1, len(text)))
    if message == "Cannot overwrite a value":
        # The parser tells of it behind the value, and not which key has it.
        *_, key = (m for m in _LINE.finditer(text) if m.start() < start and not m["block"])
        span = source.span(*key.span("key" if key["key"] else "table"))
        return code.at(span, f"{what} is not valid TOML: it has `{span.text}` twice")
    twice = re.fullmatch(r"Cannot declare \((.*)\) twice", message)
    if twice:
        table = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return code.at(span, f"{what} is not valid TOML: it has the table `{table}` twice")
    fact = message[:1].lower() + message[1:]
    return code.at(span, f"{what} is not valid TOML: {fact}")


_STRING = lazy_pattern(r"""\"(?:[^"\\\n]|\\.)*\"|'[^'\n]*'""")
_INLINE = lazy_pattern(rf"""(?P<key>{_PART})(?=[ \t]*=)|{_STRING.pattern}|\#[^\n]*""")


class TomlPlaces:
    """The places in one text, which need not be valid TOML."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._spans: dict[tuple[str, ...], Span] = {}
        self._implied: dict[tuple[str, ...], Span] = {}
        table: tuple[str, ...] = ()
        for found in _LINE.finditer(source.text):
            if found["table"] is not None:
                table = _parts(found["table"])
                span = source.span(*found.span("table"))
                self._spans.setdefault(table, span)
                for length in range(1, len(table)):
                    self._implied.setdefault(table[:length], span)
            elif found["key"] is not None:
                path = (*table, *_parts(found["key"]))
                self._spans.setdefault(path, source.span(*found.span("key")))
        self._starts = sorted(span.start for span in self._spans.values())
        self._texts: dict[Span, dict[str, int]] = {}
        self._keys: dict[Span, list[tuple[str, int, int]]] = {}
        self._first: dict[Span, dict[str, int]] = {}

    def of(self, *path: str) -> Span:
        """The key or table of that path, else what it stands in, else the start of the text."""
        for length in range(len(path), 0, -1):
            if span := self._spans.get(path[:length]):
                return self._inline(span, path[length:]) or span
            if length == len(path) and path in self._implied:
                return self._implied[path]
        end = len(self._source.line(1))
        return self._source.span(0, end)

    def string(self, text: str, *path: str) -> Span:
        """A quoted text in the value of a key, else the key."""
        key = self.of(*path)
        if key not in self._texts:
            found = _STRING.finditer(self._behind(key))
            # The first one of equal texts is the one that counts.
            self._texts[key] = {m[0][1:-1]: m.start() for m in reversed(list(found))}
        start = self._texts[key].get(text)
        if start is None:
            return key
        return self._source.span(key.end + start, key.end + start + len(text) + 2)

    def _inline(self, key: Span, rest: tuple[str, ...]) -> Span | None:
        """The innermost of further keys in the inline table of a key, None where none is there."""
        if not rest:
            return None
        if key not in self._keys:
            self._keys[key] = [
                (m["key"].strip("\"'"), m.start("key"), m.end("key"))
                for m in _INLINE.finditer(self._behind(key))
                if m["key"]
            ]
            self._first[key] = {}
            for number, (name, *_) in enumerate(self._keys[key]):
                self._first[key].setdefault(name, number)
        keys, place = self._keys[key], None
        index = self._first[key].get(rest[0])
        for name in rest:
            while index is not None and keys[index][0] != name:
                index = index + 1 if index + 1 < len(keys) else None
            if index is None:
                break
            place = self._source.span(key.end + keys[index][1], key.end + keys[index][2])
        return place

    def _behind(self, key: Span) -> str:
        """The text between a key and the next one that begins a line."""
        after = bisect_right(self._starts, key.start)
        end = self._starts[after] if after < len(self._starts) else len(self._source.text)
        return self._source.text[key.end : end]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))
