"""The settings that hold for one plan, and what becomes of a finding under them.

A nearer configuration extends the farther one. Lists add up; of texts, flags and severities the
nearer one holds; and what a nearer one says of a code overrides what a farther one says of it.
Within one configuration the more exact selector wins. The command line comes last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.project.selectors import binding
from rbdsl.project.settings import (
    COMMAND_LINE,
    DEFAULT,
    ConfigFile,
    Exclusion,
    Graded,
    Layer,
    Setting,
)
from rbdsl.record import dataclass

Value = TypeVar("Value")

_LIBRARY = "std/"


@dataclass(frozen=True, slots=True)
class Override:
    """What the command line says; None where it says nothing."""

    layer: Layer = Layer()
    baseline: Path | None = None
    pedantic: bool = False
    strict: bool = False


@dataclass(frozen=True)
class Config:
    """The settings of a plan: its absolute path, its configurations (the farthest first).

    `ended` says in words why no farther folder was looked at.
    """

    place: Path
    files: tuple[ConfigFile, ...] = ()
    override: Override = Override()
    ended: str = ""

    @property
    def policy(self) -> Setting[Path | None]:
        """The file with the level policies; None means the shipped ones."""
        return self._nearest("policy", None)

    @property
    def baseline(self) -> Setting[Path | None]:
        """The file with the findings that are accepted; None where there is none."""
        return self._nearest("baseline", self.override.baseline)

    @property
    def pedantic(self) -> Setting[bool]:
        """Whether matters of taste are reported."""
        found: Setting[bool | None] = self._nearest("pedantic", self.override.pedantic or None)
        return Setting(found.value is True, found.origin)

    @property
    def strict(self) -> Setting[bool]:
        """Whether warnings count for the exit code."""
        found: Setting[bool | None] = self._nearest("strict", self.override.strict or None)
        return Setting(found.value is True, found.origin)

    @property
    def excluded_by(self) -> Exclusion | None:
        """Why the plan is not taken where a folder is searched, or None where it is."""
        for file in self.files:
            for pattern in file.exclude:
                if pattern.value.matches(self.place):
                    return Exclusion(str(pattern.origin))
        includes = [pattern for file in self.files for pattern in file.include]
        if includes and not any(p.value.matches(self.place) for p in includes):
            return Exclusion(str(includes[-1].origin), not_included=True)
        return None

    @cached_property
    def fingerprint(self) -> str:
        """Identifies what is found under these settings, but for the content of the policy.

        The same for plans under equal settings, wherever the project lies.
        """
        import hashlib

        facts: list[object] = [
            self.pedantic.value,
            self.policy.value and os.path.relpath(self.policy.value, self.place.parent),
        ]
        for layer, folder in self._all_layers():
            about = None
            if layer.pattern and folder:
                about = (layer.pattern.text, os.path.relpath(self.place, folder))
            facts += [
                about,
                [s.value.start for s in layer.select],
                [s.value.start for s in layer.ignore],
                [(s.value.selector.start, s.value.severity) for s in layer.severity],
            ]
        return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).hexdigest()

    def judged(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """The finding with the severity that it gets here; None where it is not reported."""
        usual = diagnostic.severity
        severity = self.severity_of(diagnostic.code, usual, diagnostic.span.source.path)
        if severity is None or severity is usual:
            return diagnostic if severity else None
        return diagnostic.with_severity(severity)

    def severity_of(self, code: str, usual: Severity, shown: str) -> Severity | None:
        """What becomes of the severity of a finding in a file; None where it is not reported."""
        key = (code, usual, shown)
        if key not in self._known:
            self._known[key] = self._weighed(code, usual, shown)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[str, Severity, str], Severity | None]:
        """What was already asked for: many findings are of the same kind."""
        return {}

    def _weighed(self, code: str, usual: Severity, shown: str) -> Severity | None:
        pedantic = self.pedantic.value
        if self._is_default:
            return usual if pedantic or usual is not Severity.PEDANTIC else None
        layers = self.layers_of(shown)
        if not binding(code) and not self._reports(code, layers):
            return None
        severity = self._severity(code, usual, layers)
        if severity is Severity.PEDANTIC and not pedantic:
            chosen = (s.value for layer in layers for s in layer.select)
            if not any(s.exact and s.matches(code) for s in chosen):
                return None
        return severity

    def layers_of(self, shown: str) -> tuple[Layer, ...]:
        """The choices that hold for a file of the plan: the plan itself, or a module of it.

        A module of the library counts as a part of the plan.
        """
        own = shown.startswith(_LIBRARY) or shown == "<stdin>"
        path = self.place if own else Path(os.path.abspath(shown))
        return tuple(
            layer
            for layer, _ in self._all_layers()
            if layer.pattern is None or layer.pattern.matches(path)
        )

    @property
    def _is_default(self) -> bool:
        return not self.files and self.override.layer == Layer()

    def _all_layers(self) -> Iterator[tuple[Layer, Path | None]]:
        """Every layer with the folder that its pattern is relative to, the strongest last."""
        for file in self.files:
            for layer in file.layers:
                yield layer, file.path.parent
        yield self.override.layer, None

    def _reports(self, code: str, layers: tuple[Layer, ...]) -> bool:
        # What the command line selects is all that is selected.
        choosing = [layer for layer in layers if layer.chooses()]
        if self.override.layer.chooses():
            choosing = [self.override.layer]
        if choosing and not any(s.value.matches(code) for layer in choosing for s in layer.select):
            return False
        dropped = False
        for layer in layers:
            keeps, drops = layer.keeps(code), layer.drops(code)
            if keeps or drops:
                dropped = drops > keeps
        return not dropped

    @staticmethod
    def _severity(code: str, usual: Severity, layers: tuple[Layer, ...]) -> Severity:
        found: Setting[Graded] | None = None
        for layer in layers:
            found = layer.severity_of(code) or found
        if found is None:
            return usual
        severity = Severity(found.value.severity)
        return usual if binding(code) and severity.rank > usual.rank else severity

    def _nearest(self, key: str, override: Value | None) -> Setting[Value | None]:
        if override is not None:
            return Setting(override, COMMAND_LINE)
        for file in reversed(self.files):
            setting: Setting[Value | None] | None = getattr(file, key)
            if setting is not None:
                return setting
        return Setting(None, DEFAULT)
