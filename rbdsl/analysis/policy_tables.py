"""The tables of a policy file: their texts, lengths of time, keys, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from rbdsl.analysis.toml_places import TomlPlaces
from rbdsl.diagnostics import Code, Diagnostic, Severity, closest
from rbdsl.model.lowering.quantities import LONGEST_MS
from rbdsl.patterns import lazy_pattern
from rbdsl.source import Source, Span

BAD_POLICY = Code("RB299", "bad-policy", Severity.ERROR)

_DURATION = lazy_pattern(r"(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)

_LONG = lazy_pattern(r"(?=.*[1-9]\d{9})(?:\d+h)?(?:\d+m)?(?:\d+s)?", re.ASCII)
"""A length of time of more digits than any that anybody means."""


class PolicyTables:
    """Reads single values, and notes what is wrong at their place."""

    def __init__(self, source: Source) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._places = TomlPlaces(source)

    def _duration(self, value: object, *path: str) -> int:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        hours, minutes, seconds = (int(g or 0) for g in found.groups()) if found else (0, 0, 0)
        ms = ((hours * 60 + minutes) * 60 + seconds) * 1000
        if ms > LONGEST_MS or (isinstance(value, str) and not found and _LONG.fullmatch(value)):
            self._fail(self._places.of(*path), f"`{path[-1]}` is `{value}`, longer than a year")
        elif ms <= 0:
            self._fail(
                self._places.of(*path),
                f"`{path[-1]}` is `{value}`, which is no length of time above zero",
                'write it as a text with units, such as "15m" or "1h30m"',
            )
        return ms

    def _text(self, table: dict[str, Any], default: str, *path: str) -> str:
        value = table.get(path[-1], default)
        if isinstance(value, str):
            return value
        self._fail(self._places.of(*path), f"`{path[-1]}` is not a text")
        return default

    def _unknown_keys(
        self, table: dict[str, Any], known: Collection[str], what: str, *path: str
    ) -> None:
        for key in table:
            if key not in known:
                best = closest(key, known)
                hint = f"did you mean `{best}`?" if best else f"known are {', '.join(known)}"
                self._fail(self._places.of(*path, key), f"{what} has no `{key}`", hint)

    def _fail(self, span: Span, message: str, hint: str | None = None) -> None:
        self.diagnostics.append(BAD_POLICY.at(span, message, hint=hint))
