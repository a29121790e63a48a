"""Finds the configurations of a plan: from its folder upward, each read once in a run.

Looked for are `rbc.toml` and a `pyproject.toml` with `[tool.rbc]`. The search ends at one that
says `root = true`, at the folder that holds `.git`, or at the top of the file system.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rbdsl.diagnostics import Diagnostic, Severity, ordered
from rbdsl.project.configuration import Config, Override
from rbdsl.project.files import Reading, is_absent, read_source, shown_from_here
from rbdsl.project.path_patterns import PathPattern
from rbdsl.project.settings import NAME, PYPROJECT, ConfigFile, Exclusion
from rbdsl.rules.names.rb298_bad_configuration import CODE as BAD_CONFIGURATION
from rbdsl.source import Source, Span

_MENTION = "rbc"
"""A `pyproject.toml` in which this does not occur has no `[tool.rbc]`."""


class Chain(NamedTuple):
    """The configurations of a folder, the farthest first, with what is wrong with them."""

    files: tuple[ConfigFile, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    ended: str = ""


class Tree:
    """Where configurations and policies are read: the disk; a revision is another one."""

    def has(self, path: Path) -> bool:
        """Whether there is something at an absolute path."""
        return os.path.lexists(path)

    def lacks(self, path: Path) -> bool:
        """Whether there surely is nothing: what may not be looked at is no such case."""
        return is_absent(path)

    def read(self, path: Path) -> Reading:
        """The text there, perhaps an empty one, or why there is none."""
        return read_source(path, shown_from_here(path), may_be_empty=True)


class Configurations:
    """The configurations of a run.

    `only` is a file to use in place of those that are found; with `search` off none is used.
    """

    def __init__(
        self,
        override: Override | None = None,
        only: Path | None = None,
        *,
        search: bool = True,
        tree: Tree | None = None,
    ) -> None:
        """See the class; `tree` is where files are looked for, if not on the disk."""
        self._tree = tree or Tree()
        self._override = override or Override()
        self._only = only
        self._search = search
        self._chains: dict[str, Chain] = {}
        self._of_plans: dict[str, tuple[Config, tuple[Diagnostic, ...]]] = {}

    def of(self, plan: Path) -> tuple[Config, tuple[Diagnostic, ...]]:
        """The settings of a plan, which need not exist, and what is wrong with them."""
        name = os.fspath(plan)
        known = self._of_plans.get(name)
        if known is None:
            place = os.path.abspath(name)
            chain = self._chain(os.path.dirname(place))
            config = Config(Path(place), chain.files, self._override, chain.ended)
            known = self._of_plans[name] = (config, chain.problems)
        return known

    def exclusion(self, plan: Path) -> Exclusion | None:
        """What excludes a plan that was found by searching; None where nothing does."""
        return self.of(plan)[0].excluded_by

    def aimless(self) -> list[Diagnostic]:
        """A finding for each `per-path` that is about a folder or file which does not exist.

        Of the configurations that were read so far. Which files a pattern means beyond that is not
        told: of them a run may look at a part.
        """
        files = {file.path: file for chain in self._chains.values() for file in chain.files}
        return ordered(
            _aimless(layer.pattern, layer.origin.span, below)
            for file in files.values()
            for layer in file.layers
            if layer.pattern and layer.origin.span and (below := layer.pattern.below)
            if self._tree.lacks(below)
        )

    def _chain(self, folder: str) -> Chain:
        known = self._chains.get(folder)
        if known is None:
            known = self._chains[folder] = self._made(Path(folder))
        return known

    def _made(self, folder: Path) -> Chain:
        if self._only is not None:
            return _read(self._tree, Path(os.path.abspath(self._only)), demanded=True)._replace(
                ended="the command line names the configuration"
            )
        if not self._search:
            return Chain(ended="the command line says --no-config")
        own = _of_folder(self._tree, folder)
        if own.files and own.files[0].root and own.files[0].root.value:
            return own._replace(ended=f"{own.files[0].root.origin} says root = true")
        if self._tree.has(folder / ".git"):
            return own._replace(ended=f"{shown_from_here(folder / '.git')} is there")
        if folder.parent == folder:
            return own._replace(ended="the file system ends there")
        above = self._chain(str(folder.parent))
        return Chain(above.files + own.files, above.problems + own.problems, above.ended)


def _aimless(pattern: PathPattern, span: Span, below: Path) -> Diagnostic:
    missing = os.path.relpath(below, pattern.folder).replace(os.sep, "/")
    return BAD_CONFIGURATION.at(
        span,
        f"`{pattern.text}` means no file: there is no `{missing}` beside this configuration",
        hint="write the path as it is from the folder of the configuration, or leave it out",
        severity=Severity.WARNING,
    )


def reachable(places: Iterable[Path]) -> set[Path]:
    """The folders in which a configuration of absolute places may stand, now or later."""
    folders: set[Path] = set()
    for place in places:
        for folder in (place, *place.parents):
            if folder in folders:
                break
            folders.add(folder)
            if os.path.lexists(folder / ".git"):
                break
    return folders


def _of_folder(tree: Tree, folder: Path) -> Chain:
    """What a folder itself configures."""
    places = [folder / name for name in (NAME, PYPROJECT)]
    found = [_read(tree, place) for place in places if tree.has(place)]
    files = tuple(file for chain in found for file in chain.files)
    problems = tuple(problem for chain in found for problem in chain.problems)
    if len(files) > 1:
        second = Source(files[1].shown, "").span(0, 0)
        message = f"`{files[0].shown}` and `{files[1].shown}` both configure this folder"
        hint = f"move what `[tool.rbc]` says to `{files[0].shown}`"
        problems = (*problems, BAD_CONFIGURATION.at(second, message, hint=hint))
    return Chain(files, problems)


def _read(tree: Tree, path: Path, *, demanded: bool = False) -> Chain:
    source, unreadable = tree.read(path)
    if source is None:
        return Chain(problems=(unreadable,) if unreadable else ())
    if path.name == PYPROJECT and _MENTION not in source.text and not demanded:
        return Chain()
    from rbdsl.project.configuration_file import parse_configuration

    file, problems = parse_configuration(source, path)
    if file is None and not problems and demanded:
        problems = (BAD_CONFIGURATION.at(source.span(0, 0), "there is no `[tool.rbc]` in it"),)
    return Chain((file,) if file else (), problems)
