"""The settings of a plan one by one, with their origins, and those that a nearer one overrides."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rbdsl.project.configuration import Config
from rbdsl.project.files import shown_from_here
from rbdsl.project.selectors import Selector, binding
from rbdsl.project.settings import (
    COMMAND_LINE,
    DEFAULT,
    OFF,
    ConfigFile,
    Layer,
    Origin,
    Setting,
)
from rbdsl.record import dataclass
from rbdsl.rules.registry import rule_names

Word = tuple[Origin, Selector]

_SINGLE = ("policy", "baseline", "pedantic", "strict")


@dataclass(frozen=True, slots=True)
class Line:
    """One setting in words; `holds` is False where another one overrides it, as `note` says."""

    key: str
    value: str
    origin: Origin
    note: str = ""
    holds: bool = True

    def as_object(self) -> dict[str, object]:
        """For programs; a place in a file is an object, another origin a text."""
        span = self.origin.span
        place: object = str(self.origin)
        if span:
            path, (line, column) = span.source.path, span.begin
            place = {"path": path, "line": line, "column": column}
        return {
            "key": self.key,
            "value": self.value,
            "origin": place,
            "holds": self.holds,
            "note": self.note or None,
        }


def explained(config: Config) -> list[Line]:
    """Every setting, the farthest configuration first within a key."""
    return [
        *_versions(config.files),
        *_rules(config),
        *(line for key in _SINGLE for line in _single(config, key)),
        *_searched(config.files),
    ]


def _versions(files: Sequence[ConfigFile]) -> Iterator[Line]:
    demands = [file.required_version for file in files if file.required_version]
    for demand in demands:
        yield Line("required-version", demand.value, demand.origin)
    if not demands:
        yield Line("required-version", "any", DEFAULT)


def _rules(config: Config) -> Iterator[Line]:
    layers = [layer for file in config.files for layer in file.layers] + [config.override.layer]
    applied = [
        layer for layer in layers if not layer.pattern or layer.pattern.matches(config.place)
    ]
    if not any(layer.chooses() for layer in applied):
        yield Line("select", "all but pedantic", DEFAULT)
    elsewhere = "for other files"
    only = config.override.layer.chooses()
    for index, layer in enumerate(layers):
        about = layer in applied
        later = [other for other in layers[index + 1 :] if other in applied]
        note = "" if about else elsewhere
        for chosen in layer.select:
            overridden = only and chosen.origin is not COMMAND_LINE
            words = "overridden by --select" if overridden else note
            words = words or _overruled(chosen.value.start, later, keeps=True)
            yield _line(layer, "select", chosen, words, holds=about and not words)
        for unwanted in layer.ignore:
            words = note or _overruled(unwanted.value.start, later, keeps=False)
            holds = about and not words
            words = words or _binding(unwanted.value)
            yield _line(layer, "ignore", unwanted, words, holds=holds)
        for graded in layer.severity:
            selector, severity = graded.value.selector, graded.value.severity
            words = note or _overruled(selector.start, later, keeps=severity != OFF)
            words = words or _regraded(selector, later)
            key = f"severity {selector.text}"
            yield Line(_key(layer, key), severity, graded.origin, words, about and not words)


def _line(layer: Layer, key: str, setting: Setting[Selector], note: str, *, holds: bool) -> Line:
    return Line(_key(layer, key), setting.value.text, setting.origin, note, holds)


def _key(layer: Layer, key: str) -> str:
    return f"{layer.pattern.text}: {key}" if layer.pattern else key


def _overruled(start: str, later: Sequence[Layer], *, keeps: bool) -> str:
    """Which nearer layer says the opposite of all that begins so; "" where none does."""
    for layer in reversed(later):
        graded = [(g.origin, g.value.selector, g.value.severity) for g in layer.severity]
        keepers = [(s.origin, s.value) for s in layer.select]
        keepers += [(origin, selector) for origin, selector, to in graded if to != OFF]
        droppers = [(s.origin, s.value) for s in layer.ignore]
        droppers += [(origin, selector) for origin, selector, to in graded if to == OFF]
        kept, dropped = _heaviest(start, keepers), _heaviest(start, droppers)
        if kept or dropped:
            wins = kept if _weight(kept) > _weight(dropped) else dropped
            same = (wins is kept) is keeps
            return "" if same or not wins else f"overridden by {wins[0]}"
    return ""


def _regraded(selector: Selector, later: Sequence[Layer]) -> str:
    """Which nearer layer gives the same another severity."""
    for layer in reversed(later):
        for setting in layer.severity:
            if setting.value.selector.start == selector.start:
                return f"overridden by {setting.origin}"
    return ""


def _heaviest(start: str, words: Sequence[Word]) -> Word | None:
    fitting = [word for word in words if start.startswith(word[1].start)]
    return max(fitting, key=_weight, default=None)


def _weight(word: Word | None) -> int:
    return word[1].weight if word else 0


def _binding(selector: Selector) -> str:
    """What the start of a code can't take away."""
    stay = [code for code in rule_names() if selector.matches(code) and binding(code)]
    return f"but for {', '.join(stay)}" if stay else ""


def _single(config: Config, key: str) -> Iterator[Line]:
    held: Setting[object] = getattr(config, key)
    for file in config.files:
        setting: Setting[object] | None = getattr(file, key)
        if setting and setting.origin is not held.origin:
            note = f"overridden by {held.origin}"
            yield Line(key, _words(setting.value), setting.origin, note, holds=False)
    none = "the shipped levels" if key == "policy" else "none"
    yield Line(key, none if held.value is None else _words(held.value), held.origin)


def _searched(files: Sequence[ConfigFile]) -> Iterator[Line]:
    for key, usual in (("include", "**/*.rbplan"), ("exclude", "none")):
        patterns = [pattern for file in files for pattern in getattr(file, key)]
        for pattern in patterns:
            yield Line(key, _from_folder(pattern.value.text, pattern.origin), pattern.origin)
        if not patterns:
            yield Line(key, usual, DEFAULT)
    for file in files:
        if file.root:
            yield Line("root", _words(file.root.value), file.root.origin)


def _from_folder(pattern: str, origin: Origin) -> str:
    """A pattern with the folder that it is relative to, where that is not the current one."""
    folder = os.path.dirname(origin.span.source.path) if origin.span else ""
    return f"{pattern} in {folder}" if folder else pattern


def _words(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return shown_from_here(value) if isinstance(value, Path) else str(value)
