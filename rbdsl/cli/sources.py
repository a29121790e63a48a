"""Files that are to be checked: each read with its settings and levels, or why it can't be."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.diagnostics import Diagnostic
from rbdsl.project.configuration import Config
from rbdsl.project.configurations import Configurations, Tree
from rbdsl.project.discovery import STDIN
from rbdsl.project.files import Reading, read_source, read_stream, shown_from_here, shown_path
from rbdsl.record import dataclass
from rbdsl.source import Source, Span

if TYPE_CHECKING:
    # Not loaded where everything is in the cache.
    from rbdsl.analysis.policy import LevelPolicy
    from rbdsl.project.modules import Shelf

    Levels = tuple[dict[int, LevelPolicy] | None, tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: where it stands, its settings and levels; `problems` without."""

    path: Path
    place: Path
    shown: str
    config: Config | None = None
    levels: dict[int, LevelPolicy] | None = None
    source: Source | None = None
    problems: tuple[Diagnostic, ...] = ()

    @classmethod
    def of(
        cls,
        path: Path,
        stdin_filename: str | None,
        policy_file: Path | None,
        configurations: Configurations,
        policies: Policies,
        shelf: Shelf,
    ) -> FileRead:
        """Read one; `shelf` and `policies` are those of the run."""
        place = _place(path, stdin_filename)
        shown = shown_path(place)
        config, problems = configurations.of(place)
        if problems:
            return cls(path, place, shown, problems=problems)
        levels, faults = policies.of(policy_file or config.policy.value, said(config, policy_file))
        if levels is None:
            return cls(path, place, shown, config, problems=faults)
        source, diagnostic = _read(path, place, shelf)
        problems = (diagnostic,) if diagnostic else ()
        return cls(path, place, shown, config, levels, source, problems)


class Policies:
    """The level policies of a run, each file read once."""

    def __init__(self, tree: Tree | None = None) -> None:
        """`tree` is where they are read, if not on the disk."""
        self._tree = tree or Tree()
        self._read: dict[Path, Levels] = {}

    def of(self, path: Path | None, said: Span | None = None) -> Levels:
        """The levels of a file, or the shipped ones; None and why where there are none.

        `said` is the place of the setting that names the file, where there is one.
        """
        from rbdsl.analysis.policy import parse_policies, shipped_policies
        from rbdsl.analysis.policy_tables import BAD_POLICY

        if path is None:
            return shipped_policies(), ()
        if said and self._tree.lacks(path):
            message = f"there is no policy `{shown_from_here(path)}`"
            hint = "files are named from the folder of the configuration"
            return None, (BAD_POLICY.at(said, message, hint=hint),)
        if path not in self._read:
            source, diagnostic = self._tree.read(path)
            if source is None:
                self._read[path] = None, (diagnostic,) if diagnostic else ()
            else:
                levels, problems = parse_policies(source)
                self._read[path] = levels, tuple(problems)
        return self._read[path]

    def levels(self, path: Path | None) -> dict[int, LevelPolicy]:
        """The levels of a file that has no faults."""
        return self.of(path)[0] or {}

    def state(self, path: Path | None) -> str:
        """What identifies the content of a file of levels; empty for the shipped ones."""
        if path is None:
            return ""
        from rbdsl.compiler import sha256_of

        source, _ = read_source(path, shown_from_here(path))
        return f"{shown_from_here(path)} {sha256_of(source) if source else ''}"


def said(config: Config, policy_file: Path | None) -> Span | None:
    """Where a configuration names the policy, if the command line does not."""
    return None if policy_file else config.policy.origin.span


def _place(path: Path, stdin_filename: str | None) -> Path:
    """The place that a plan stands for: its modules and settings are looked for from there."""
    return Path(stdin_filename or "<stdin>") if path == Path(STDIN) else path


def _read(path: Path, place: Path, shelf: Shelf) -> Reading:
    standard = path == Path(STDIN)
    other = shelf.texts.get(STDIN if standard else os.path.realpath(path)) if shelf.texts else None
    if other:
        return Reading(other, None)
    if not standard:
        return read_source(path)
    if sys.stdin is None:  # what the interpreter makes of `<&-`
        raise click.UsageError("standard input is closed, and `-` is to be read from it")
    reading = read_stream(sys.stdin.buffer, shown_path(place))
    if reading.source:  # it can be read only once
        shelf.texts[STDIN] = reading.source
    return reading


def policies_of(path: Path | None) -> tuple[dict[int, LevelPolicy] | None, list[Diagnostic]]:
    """The levels of the policy file, or the shipped ones; None and why where there are none."""
    levels, problems = Policies().of(path)
    return levels, list(problems)
