"""The two sides of a comparison: files, folders, or revisions of a git repository, checked.

Each side is a mapping from the path of a plan, as both sides know it, to what `check` says of it.
The time of day plays no part, so that the same two sides always give the same answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from rbdsl.analysis.policy import LevelPolicy
from rbdsl.compiler import Checked, check
from rbdsl.project.discovery import discover
from rbdsl.project.files import Reading, read_source, shown_path
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.project.revisions import Repository, Revision, RevisionError, RevisionLoader
from rbdsl.record import dataclass
from rbdsl.source import Source

Policies = Mapping[int, LevelPolicy]


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared with what, in words, and the plans of either side by path."""

    old: str
    new: str
    before: dict[str, Checked]
    now: dict[str, Checked]


def sides(arguments: Sequence[str], paths: Sequence[str] | None, policies: Policies) -> Sides:
    """The sides that the arguments mean; `paths` are those behind `--`, None without one.

    Two paths that exist are two sides. Else what comes first are one or two revisions, and paths
    behind them say which plans. Raises `click.UsageError` for what means neither.
    """
    if paths is None and len(arguments) == 2 and all(os.path.lexists(a) for a in arguments):
        return _of_paths(arguments[0], arguments[1], policies)
    names = list(arguments)
    within = list(paths or ())
    if paths is None:
        names = [a for a in arguments if not os.path.lexists(a)]
        within = [a for a in arguments if os.path.lexists(a)]
        if arguments and not names:
            raise click.UsageError(
                f"{arguments[0]!r} is to be compared with what? Name two files or folders, or a "
                f"revision: rbc diff HEAD -- {arguments[0]}"
            )
        if list(arguments) != names + within:
            raise click.UsageError(f"there is no file {names[-1]!r}; revisions stand before files")
    try:
        return _of_revisions(names, within, policies)
    except RevisionError as problem:
        raise click.UsageError(str(problem)) from problem


def _of_paths(old: str, new: str, policies: Policies) -> Sides:
    before, now = _folder(old, policies), _folder(new, policies)
    if os.path.isdir(old) != os.path.isdir(new):
        kinds = ["a folder" if os.path.isdir(p) else "a file" for p in (old, new)]
        raise click.UsageError(f"{old!r} is {kinds[0]} and {new!r} is {kinds[1]}")
    before, now = _outside(before, now, new), _outside(now, before, old)
    if not os.path.isdir(old):
        # Two files are two versions of one plan, whatever they are called.
        before = dict(zip([new], before.values(), strict=False))
        now = dict(zip([new], now.values(), strict=False))
        for path, checked in ((old, before[new]), (new, now[new])):
            if checked.is_module:
                raise click.UsageError(f"{path!r} is a module: compare plans that use it")
    return Sides(old, new, before, now)


def _folder(path: str, policies: Policies) -> dict[str, Checked]:
    """The plans of a file or folder, by their path in it."""
    discovery = discover([path])
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    shelf = Shelf()
    return {
        os.path.relpath(p, path): _checked(read_source(p), ProjectLoader(p, shelf), policies)
        for p in discovery.paths
    }


def _of_revisions(names: Sequence[str], within: Sequence[str], policies: Policies) -> Sides:
    repository = Repository(Path())
    old, new = _names(names)
    tops = [_below(repository.root, path) for path in within]
    if new is not None and "..." in "".join(names):
        commit = repository.merge_base(old, new)
    else:
        commit = repository.commit(old)
    before = _revision(Revision(repository, old, commit), tops, policies)
    if new is None:
        now = _working_tree(repository.root, within, policies)
        before = _outside(before, now, repository.root)
    else:
        now = _revision(Revision(repository, new, repository.commit(new)), tops, policies)
    if not before and not now:
        where = ", ".join(map(repr, within)) or f"`{repository.root}`"
        raise click.UsageError(f"there is no plan in {where}, before or now")
    return Sides(old, new or "the working tree", before, now)


def _outside(
    plans: dict[str, Checked], others: Mapping[str, Checked], place: str | os.PathLike[str]
) -> dict[str, Checked]:
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


def _revision(revision: Revision, tops: Sequence[str], policies: Policies) -> dict[str, Checked]:
    modules: dict[str, Source] = {}
    found = {}
    for path in revision.plans(tops):
        reading = revision.read(path)
        if reading is not None:
            found[shown_path(path)] = _checked(
                reading, RevisionLoader(revision, path, modules), policies
            )
    return found


def _working_tree(root: Path, within: Sequence[str], policies: Policies) -> dict[str, Checked]:
    shelf = Shelf()
    there = [path for path in within if os.path.lexists(path)]
    paths = discover(there or [os.path.relpath(root)]).paths if there or not within else ()
    return {
        _below(root, os.fspath(path)): _checked(
            read_source(path), ProjectLoader(path, shelf), policies
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


def _checked(
    reading: Reading, loader: ProjectLoader | RevisionLoader, policies: Policies
) -> Checked:
    """What is known of a source; of one that can't be read, why not."""
    if reading.source is not None:
        return check(reading.source, loader, policies)
    diagnostics = (reading.diagnostic,) if reading.diagnostic else ()
    path = diagnostics[0].span.source.path if diagnostics else ""
    return Checked(Source(path, ""), None, None, diagnostics, {})
