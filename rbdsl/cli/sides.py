"""The two sides of a comparison: files, folders, or revisions of a git repository, checked.

Each side is a mapping from the path of a plan, as both sides know it, to what `check` says of it
under the configuration of that side.
The time of day plays no part, so that the same two sides always give the same answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from rbdsl.analysis.policy import LevelPolicy
from rbdsl.cli.judging import Judged, Judging
from rbdsl.project.discovery import discover
from rbdsl.project.files import is_absent, read_source, shown_path
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.project.revisions import (
    Repository,
    Revision,
    RevisionError,
    RevisionLoader,
    RevisionTree,
)
from rbdsl.record import dataclass
from rbdsl.source import Source

Levels = dict[int, LevelPolicy] | None
"""The levels that the command line names, for both sides; None where each has its own."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared with what, in words, and the plans of either side by path."""

    old: str
    new: str
    before: dict[str, Judged]
    now: dict[str, Judged]


def sides(arguments: Sequence[str], paths: Sequence[str] | None, levels: Levels) -> Sides:
    """The sides that the arguments mean; `paths` are those behind `--`, None without one.

    Two paths that exist are two sides. Else what comes first are one or two revisions, and paths
    behind them say which plans. Raises `click.UsageError` for what means neither.
    """
    if paths is None and len(arguments) == 2 and not any(map(is_absent, arguments)):
        return _of_paths(arguments[0], arguments[1], levels)
    names = list(arguments)
    within = list(paths or ())
    if paths is None:
        names = [a for a in arguments if is_absent(a)]
        within = [a for a in arguments if not is_absent(a)]
        if arguments and not names:
            raise click.UsageError(
                f"{arguments[0]!r} is to be compared with what? Name two files or folders, or a "
                f"revision: rbc diff HEAD -- {arguments[0]}"
            )
        if list(arguments) != names + within:
            raise click.UsageError(f"there is no file {names[-1]!r}; revisions stand before files")
    try:
        return _of_revisions(names, within, levels)
    except RevisionError as problem:
        fact = str(problem)
        if names and "not a git repository" in fact:
            fact = (
                f"there is no file {names[0]!r}, and here is not a git repository to look it up in"
            )
        raise click.UsageError(fact) from problem


def _of_paths(old: str, new: str, levels: Levels) -> Sides:
    before, now = _folder(old, levels), _folder(new, levels)
    if os.path.isdir(old) != os.path.isdir(new):
        kinds = ["a folder" if os.path.isdir(p) else "a file" for p in (old, new)]
        raise click.UsageError(f"{old!r} is {kinds[0]} and {new!r} is {kinds[1]}")
    before, now = _outside(before, now, new), _outside(now, before, old)
    if not os.path.isdir(old):
        # Two files are two versions of one plan, whatever they are called.
        before = dict(zip([new], before.values(), strict=False))
        now = dict(zip([new], now.values(), strict=False))
        for path, judged in ((old, before[new]), (new, now[new])):
            if judged.checked.is_module:
                raise click.UsageError(f"{path!r} is a module: compare plans that use it")
    return Sides(old, new, before, now)


def _folder(path: str, levels: Levels) -> dict[str, Judged]:
    """The plans of a file or folder, by their path in it."""
    discovery = discover([path])
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    shelf, judging = Shelf(), Judging(levels)
    return {
        os.path.relpath(p, path): judging.of(p, read_source(p), ProjectLoader(p, shelf))
        for p in discovery.paths
    }


def _of_revisions(names: Sequence[str], within: Sequence[str], levels: Levels) -> Sides:
    repository = Repository(Path())
    old, new = _names(names)
    if new is None and repository.bare:
        raise click.UsageError(
            f"`{repository.root}` is a bare repository and has no working tree to compare "
            f"{old!r} with: name two revisions, as in {old}..BRANCH"
        )
    tops = [_below(repository.root, path) for path in within]
    if new is not None and "..." in "".join(names):
        commit = repository.merge_base(old, new)
    else:
        commit = repository.commit(old)
    root = repository.root
    before = _revision(Revision(repository, old, commit), root, tops, levels)
    if new is None:
        now = _working_tree(repository.root, within, levels)
        before = _outside(before, now, repository.root)
    else:
        there = Revision(repository, new, repository.commit(new))
        now = _revision(there, root, tops, levels)
    if not before and not now:
        where = ", ".join(map(repr, within)) or f"`{repository.root}`"
        raise click.UsageError(f"there is no plan in {where}, before or now")
    return Sides(old, new or "the working tree", before, now)


def _outside(
    plans: dict[str, Judged], others: Mapping[str, Judged], place: str | os.PathLike[str]
) -> dict[str, Judged]:
    """The plans of a side, without those in a folder that can't be read on the other one.

    That one stands at a place. Whether these plans are there too is not known.
    """
    closed = tuple(f"{p}/" for p in others if os.path.isdir(os.path.join(place, p)))
    return {path: checked for path, checked in plans.items() if not path.startswith(closed)}


def _names(names: Sequence[str]) -> tuple[str, str | None]:
    """The old and the new revision; None for the working tree."""
    if len(names) == 1:
        dots = "..." if "..." in names[0] else ".."
        old, found, new = names[0].partition(dots)
        return (old or "HEAD", (new or "HEAD") if found else None)
    if len(names) == 2:
        return names[0], names[1]
    raise click.UsageError(
        "two files, two folders, or one or two revisions are compared; paths stand behind `--`"
    )


def _revision(
    revision: Revision, root: Path, tops: Sequence[str], levels: Levels
) -> dict[str, Judged]:
    modules: dict[str, Source] = {}
    judging = Judging(levels, RevisionTree(revision, root))
    found = {}
    for path in revision.plans(tops):
        reading = revision.read(path)
        if reading is not None:
            loader = RevisionLoader(revision, path, modules)
            found[shown_path(path)] = judging.of(root / path, reading, loader)
    return found


def _working_tree(root: Path, within: Sequence[str], levels: Levels) -> dict[str, Judged]:
    shelf, judging = Shelf(), Judging(levels)
    there = [path for path in within if not is_absent(path)]
    paths = discover(there or [os.path.relpath(root)]).paths if there or not within else ()
    return {
        _below(root, os.fspath(path)): judging.of(
            path, read_source(path), ProjectLoader(path, shelf)
        )
        for path in paths
    }


def _below(root: Path, path: str) -> str:
    """A path of the working tree as the repository knows it; the last link is not followed."""
    head, tail = os.path.split(os.path.abspath(path))
    place = os.path.join(os.path.realpath(head), tail)
    below = os.path.relpath(place, os.path.realpath(root))
    if below.startswith(".."):
        raise click.UsageError(f"{path!r} is not in the repository `{root}`")
    return shown_path(below)
