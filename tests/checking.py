"""Checks plan texts in memory, with the shipped modules and any others given by path."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rbdsl.analysis.policy import LevelPolicy, parse_policies
from rbdsl.compiler import Checked, check
from rbdsl.model.loading import Loaded, NotLoaded
from rbdsl.resources import data_folder
from rbdsl.source import Source


class MemoryLoader:
    """Finds `std/…` in the shipped library and other modules in a dictionary."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def load(self, path: str, *, standard: bool, importer: Source) -> Loaded | NotLoaded:
        del importer
        if standard:
            file = data_folder("stdlib") / f"{path.removeprefix('std/')}.rbplan"
            if not file.is_file():
                return NotLoaded(f"there is no module `{path}`")
            return Loaded(str(file), Source(path, file.read_text(encoding="utf-8")))
        if path not in self._files:
            return NotLoaded(f"there is no file `{path}`")
        return Loaded(path, Source(path, self._files[path]))


@cache
def shipped_policies() -> Mapping[int, LevelPolicy]:
    """The level policies of `stdlib/levels.toml`."""
    path = data_folder("stdlib") / "levels.toml"
    policies, problems = parse_policies(Source("levels.toml", path.read_text(encoding="utf-8")))
    assert policies is not None, problems
    return policies


def checked(text: str, files: Mapping[str, str] | None = None, path: str = "a.rbplan") -> Checked:
    """What the compiler says of a text."""
    return check(Source(path, text), MemoryLoader(files or {}), shipped_policies())


def found(text: str, files: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """The findings of a text as (code, the text that is underlined, message)."""
    return [(d.code, d.span.text, d.message) for d in checked(text, files).diagnostics]


def in_plan(
    body: str, *, phases: str = 'phase a "A" { budget 1m; step s "S" { run `true` } }'
) -> str:
    """A plan of level 2 around some statements; `phases` stand at its end."""
    return f'rbplan 1\nplan x "X" {{\nlevel 2\n{body}\n{phases}\n}}\n'
