"""Reads the values of a configuration with their types, and notes what is wrong with them.

Paths are those of keys below the table that is the configuration: in a `pyproject.toml` they
begin behind `tool.rbc`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from rbdsl.analysis.toml_places import TomlPlaces
from rbdsl.diagnostics import Diagnostic, closest
from rbdsl.project.settings import Origin, Setting
from rbdsl.rules.names.rb298_bad_configuration import CODE as BAD_CONFIGURATION
from rbdsl.source import Source, Span

MOST_ERRORS = 100
"""After so many mistakes the rest of a configuration is not looked at."""

_KINDS = {dict: "a table", list: "a list", str: "a text", bool: "true or false", int: "a number"}


class TooManyError(Exception):
    """There are so many mistakes that the rest is not looked at; ends the reading."""


class TomlReader:
    """What is wrong collects in `diagnostics`; what is read is None or left out then."""

    def __init__(self, source: Source, path: Path, table: tuple[str, ...]) -> None:
        """`path` is where the source stands, `table` the way to the configuration in it."""
        self.diagnostics: list[Diagnostic] = []
        self.path = path
        self.shown = source.path
        self._places = TomlPlaces(source)
        self._table = table

    def place_of(self, text: str, *path: str) -> Span:
        """Where a text stands in the value of a key, else the key."""
        return self._places.string(text, *self._table, *path)

    def text(self, document: Mapping[str, Any], key: str) -> Setting[str] | None:
        """A text, None where there is none."""
        value = document.get(key)
        if value is None or isinstance(value, str):
            return None if value is None else Setting(value, Origin(self.place(key)))
        self.wrong_type((key,), f"`{key}`", "a text", value)
        return None

    def flag(self, document: Mapping[str, Any], key: str) -> Setting[bool] | None:
        """True or false, None where it is not said."""
        value = document.get(key)
        if value is None or isinstance(value, bool):
            return None if value is None else Setting(value, Origin(self.place(key)))
        self.wrong_type((key,), f"`{key}`", "true or false", value)
        return None

    def texts(self, body: Mapping[str, Any], key: str, path: tuple[str, ...]) -> Iterator[str]:
        """The texts of a list; `path` leads to what the key stands in."""
        value = body.get(key, [])
        if not isinstance(value, list):
            hint = f"write `{key} = [{_toml(value)}]`" if isinstance(value, str) else None
            self.wrong_type((*path, key), f"`{key}`", "a list of texts", value, hint)
            return
        for text in value:
            if isinstance(text, str):
                yield text
            else:
                self.wrong_type((*path, key), f"a part of `{key}`", "a text", text)

    def tables(self, body: Mapping[str, Any], *path: str) -> Iterator[tuple[str, Any]]:
        """The keys and values of the table at the end of a path."""
        value = body.get(path[-1], {})
        if isinstance(value, dict):
            yield from value.items()
        else:
            self.wrong_type(path, f"`{path[-1]}`", "a table", value)

    def unknown_keys(
        self, table: Mapping[str, Any], known: Collection[str], what: str, path: tuple[str, ...]
    ) -> None:
        """Notes every key that means nothing."""
        for key in table:
            if key not in known:
                best = closest(key, known)
                hint = f"did you mean `{best}`?" if best else f"known are {', '.join(known)}"
                self.fail(self.place(*path, key), f"{what} has no `{key}`", hint)

    def wrong_type(
        self, path: tuple[str, ...], what: str, wanted: str, value: object, hint: str | None = None
    ) -> None:
        """Notes that a value should be something else."""
        kind = _KINDS.get(type(value), "something else")
        shown = f"`{_toml(value)}`" if isinstance(value, str | bool | int) else kind
        self.fail(self.place(*path), f"{what} is {shown}, and should be {wanted}", hint)

    def place(self, *path: str) -> Span:
        """The key at the end of a path."""
        return self._places.of(*self._table, *path)

    def fail(self, span: Span, message: str, hint: str | None = None) -> None:
        """Notes a mistake."""
        self.diagnostics.append(BAD_CONFIGURATION.at(span, message, hint=hint))
        if len(self.diagnostics) >= MOST_ERRORS:
            raise TooManyError


def _toml(value: str | bool | int) -> str:  # noqa: FBT001 - any scalar
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
