"""Reads one configuration: a `ConfigFile`, or findings (RB298) that say what is wrong with it.

An `rbc.toml` is a configuration as a whole, of a `pyproject.toml` it is the table `[tool.rbc]`.
Every fault is reported at once, each at its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rbdsl import __version__
from rbdsl.analysis.toml_places import read_toml
from rbdsl.diagnostics import Diagnostic, closest, ordered
from rbdsl.project.path_patterns import PathPattern, path_pattern, problem_of
from rbdsl.project.selectors import Refusal, Selector, read_selector
from rbdsl.project.settings import (
    DEFAULT,
    OFF,
    PYPROJECT,
    SEVERITIES,
    ConfigFile,
    Graded,
    Layer,
    Origin,
    Setting,
)
from rbdsl.project.toml_reader import TomlReader, TooManyError
from rbdsl.project.versions import parse_demand
from rbdsl.rules.names.rb298_bad_configuration import CODE as BAD_CONFIGURATION
from rbdsl.source import Source

_RULE_KEYS = ("select", "ignore", "severity")
_KEYS = (
    "root",
    "required-version",
    *_RULE_KEYS,
    "per-path",
    "policy",
    "baseline",
    "include",
    "exclude",
    "pedantic",
    "strict",
)


def parse_configuration(
    source: Source, path: Path
) -> tuple[ConfigFile | None, tuple[Diagnostic, ...]]:
    """The configuration in a text, which stands at an absolute path.

    (None, ()) is a `pyproject.toml` without `[tool.rbc]`.
    """
    document, problem = read_toml(source, BAD_CONFIGURATION, "the configuration")
    if document is None:
        return None, (problem,) if problem else ()
    table: tuple[str, ...] = ()
    if path.name == PYPROJECT:
        tool = document.get("tool", {})
        if not isinstance(tool, dict) or "rbc" not in tool:
            return None, ()
        document, table = tool["rbc"], ("tool", "rbc")
    reader = _Reader(source, path, table)
    found = None
    with suppress(TooManyError):
        found = reader.file(document)
    problems = tuple(ordered(reader.diagnostics))
    return (None if problems else found), problems


class _Reader(TomlReader):
    """Checks a parsed document and notes everything that is wrong with it."""

    def file(self, document: object) -> ConfigFile | None:
        """The whole configuration; of one for another version nothing but that is reported."""
        if not isinstance(document, dict):
            self.wrong_type((), "`tool.rbc`", "a table", document)
            return None
        version = self.text(document, "required-version")
        if version and not self._fits(version.value):
            return None
        self.unknown_keys(document, _KEYS, "the configuration", ())
        layers = [self._layer(document, (), None)]
        for pattern, body in self.tables(document, "per-path"):
            layers.append(self._per_path(pattern, body))
        return ConfigFile(
            self.path,
            self.shown,
            tuple(layers),
            policy=self._file(document, "policy"),
            baseline=self._file(document, "baseline"),
            required_version=version,
            include=self._patterns(document, "include"),
            exclude=self._patterns(document, "exclude"),
            pedantic=self.flag(document, "pedantic"),
            strict=self.flag(document, "strict"),
            root=self.flag(document, "root"),
        )

    def _fits(self, version: str) -> bool:
        """Whether it is for this rbc, as far as that can be told."""
        key = "required-version"
        demand = parse_demand(version)
        place = self.place_of(version, key)
        if demand is None:
            hint = 'write one such as ">=0.3" or ">=0.3, <1"'
            self.fail(place, f"`{key}` is `{version}`, which is no demand of a version", hint)
            return True
        if demand.holds(__version__):
            return True
        self.fail(
            place,
            f"this configuration demands rbc {version}, and this is rbc {__version__}",
            "install a version that fits, such as with pip",
        )
        return False

    def _per_path(self, pattern: str, body: object) -> Layer:
        path = ("per-path", pattern)
        problem = problem_of(pattern)
        if problem:
            self.fail(self.place(*path), *problem)
            return Layer()
        if not isinstance(body, dict):
            hint = f'write `[per-path."{pattern}"]`'
            self.wrong_type(path, f"`{pattern}`", "a table", body, hint)
            return Layer()
        self.unknown_keys(body, _RULE_KEYS, f'`per-path."{pattern}"`', path)
        return self._layer(body, path, path_pattern(pattern, self.path.parent))

    def _layer(
        self, body: Mapping[str, Any], path: tuple[str, ...], pattern: PathPattern | None
    ) -> Layer:
        layer = Layer(
            pattern,
            tuple(self._selectors(body, "select", path)),
            tuple(self._selectors(body, "ignore", path, takes_away="ignored")),
            tuple(self._severities(body, path)),
            Origin(self.place(*path)) if path else DEFAULT,
        )
        self._contradictions(layer)
        return layer

    def _selectors(
        self, body: Mapping[str, Any], key: str, path: tuple[str, ...], *, takes_away: str = ""
    ) -> Iterator[Setting[Selector]]:
        for text in self.texts(body, key, path):
            place = self.place_of(text, *path, key)
            selector = read_selector(text, takes_away=takes_away)
            if isinstance(selector, Refusal):
                self.fail(place, selector.message, selector.hint)
            else:
                yield Setting(selector, Origin(place))

    def _severities(
        self, body: Mapping[str, Any], path: tuple[str, ...]
    ) -> Iterator[Setting[Graded]]:
        path = (*path, "severity")
        for key, severity in self.tables(body, *path):
            place = self.place(*path, key)
            if severity not in SEVERITIES:
                best = closest(severity, SEVERITIES) if isinstance(severity, str) else None
                hint = f"did you mean `{best}`?" if best else "it is " + ", ".join(SEVERITIES)
                if isinstance(severity, str):
                    place = self.place_of(severity, *path, key)
                self.fail(place, f"`{key}` is `{severity}`, which is no severity", hint)
                continue
            words = "ignored" if severity == OFF else f"lowered to {severity}"
            selector = read_selector(key, takes_away="" if severity == "error" else words)
            if isinstance(selector, Refusal):
                self.fail(place, selector.message, selector.hint)
            else:
                yield Setting(Graded(selector, severity), Origin(place))

    def _contradictions(self, layer: Layer) -> None:
        """The same code wanted and not wanted, or judged twice, as a code and as a name."""
        wanted = {s.value.start: s for s in layer.select}
        graded: dict[str, str] = {}
        for setting in layer.severity:
            start, severity = setting.value.selector.start, setting.value.severity
            if graded.setdefault(start, severity) != severity:
                message = f"the severity of `{start}` is `{graded[start]}` and `{severity}`"
                self._fail_at(setting.origin, message)
        off = [(s.origin, s.value.selector) for s in layer.severity if s.value.severity == OFF]
        for origin, selector in [*((s.origin, s.value) for s in layer.ignore), *off]:
            if selector.start in wanted:
                self._fail_at(origin, f"`{selector.text}` is selected, and ignored")
            elif graded.get(selector.start, OFF) != OFF:
                message = f"`{selector.text}` is ignored, and given a severity"
                self._fail_at(origin, message)

    def _patterns(self, document: Mapping[str, Any], key: str) -> tuple[Setting[PathPattern], ...]:
        patterns = []
        for text in self.texts(document, key, ()):
            place = self.place_of(text, key)
            problem = problem_of(text)
            if problem:
                self.fail(place, *problem)
            else:
                pattern = path_pattern(text, self.path.parent)
                patterns.append(Setting(pattern, Origin(place)))
        return tuple(patterns)

    def _file(self, document: Mapping[str, Any], key: str) -> Setting[Path] | None:
        text = self.text(document, key)
        if text is None:
            return None
        if not text.value.strip() or "\0" in text.value:
            self.fail(self.place(key), f"`{key}` is no path to a file")
            return None
        return Setting(Path(os.path.normpath(self.path.parent / text.value)), text.origin)

    def _fail_at(self, origin: Origin, message: str) -> None:
        self.fail(origin.span or self.place(), message, "keep one of the two")
