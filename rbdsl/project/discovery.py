"""Which files the arguments of a command mean: files, folders, globs, also quoted ones.

A folder means every `*.rbplan` below it, except in hidden folders, in `build` (what the
compiler wrote), in the folders of package managers, and where the configuration excludes it. A
file named outright is always taken, unless `force`. A folder that can't be searched is among the
files, so that reading it says why.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePath

from rbdsl.project.settings import Exclusion
from rbdsl.project.unsearchable import folders_in_the_way
from rbdsl.record import dataclass

SUFFIX = ".rbplan"
STDIN = "-"

_SKIPPED = frozenset({"build", "dist", "node_modules", "__pycache__", "venv"})


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files in order, each once, and a complaint for each argument that found nothing.

    `left_out` are the places of the settings that leave out each file which was to be taken.
    """

    paths: tuple[Path, ...]
    complaints: tuple[str, ...]
    left_out: tuple[str, ...] = ()


Excluded = Callable[[Path], Exclusion | None]


def discover(
    arguments: Sequence[str], exclusion: Excluded = lambda _: None, *, force: bool = False
) -> Discovery:
    """The files that the arguments mean; `-` stays as it is.

    A path that does not exist is kept, so that reading it says so, unless it is a pattern.
    `exclusion` says what excludes a file that was searched for, or None; with `force` also one
    that was named outright, and it is no complaint that nothing is left.
    """
    complaints: list[str] = []
    left_out: list[str] = []
    found: list[Path] = []
    for argument in arguments:
        dropped: list[Exclusion] = []
        named: list[Exclusion] = []
        if argument == STDIN:
            found.append(Path(argument))
            continue
        if os.path.lexists(argument) or not glob.has_magic(argument):
            path = Path(argument)
            if os.path.isdir(path):
                matches, dropped = _without(_walk(path), exclusion)
            elif force:
                matches, named = _without([path], exclusion)
            else:
                matches = [path]
            nothing = f"there is no *{SUFFIX} file in {argument!r}"
        else:
            expanded = [p for match in _expand(argument) for p in _inside(match)]
            expanded += folders_in_the_way(argument, _SKIPPED)
            matches, dropped = _without(expanded, exclusion)
            nothing = f"no plan matches {argument!r}"
        found += matches
        left_out += [reason.place for reason in named]
        if matches or named:
            continue
        if dropped and force:
            left_out += [reason.place for reason in dropped]
        else:
            complaints.append(_all_excluded(argument, dropped) if dropped else nothing)
    return Discovery(tuple(_once(found)), tuple(complaints), tuple(left_out))


def is_searched(path: PurePath) -> bool:
    """Whether a file would be found by searching the folder that the path begins in."""
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and _SKIPPED.isdisjoint(path.parts[:-1])


def _without(paths: Iterable[Path], exclusion: Excluded) -> tuple[list[Path], list[Exclusion]]:
    """What nothing excludes, and what excludes each other path.

    A folder can't be searched, or it would not be here: what is included in it is not known.
    """
    kept, dropped = [], []
    for path in paths:
        reason = exclusion(path)
        if reason is None or (reason.not_included and os.path.isdir(path)):
            kept.append(path)
        else:
            dropped.append(reason)
    return kept, dropped


def _all_excluded(argument: str, reasons: Sequence[Exclusion]) -> str:
    number = len(reasons)
    files = f"the *{SUFFIX} file" if number == 1 else f"all {number} *{SUFFIX} files"
    listed = ", ".join(dict.fromkeys(reason.place for reason in reasons))
    verb = "is" if number == 1 else "are"
    if not any(reason.not_included for reason in reasons):
        how = f"{verb} excluded"
    elif all(reason.not_included for reason in reasons):
        files = files if number == 1 else f"none of the {number} *{SUFFIX} files"
        how = "is not included" if number == 1 else "is included"
    else:
        how = f"{verb} excluded or not included"
    return f"{files} in {argument!r} {how}: see {listed}"


def _inside(match: Path) -> Iterable[Path]:
    return _walk(match) if os.path.isdir(match) else [match]


def _expand(pattern: str) -> Iterator[Path]:
    """Plans and folders that match; what folders are not searched for must be named outright."""
    skipped = _SKIPPED.difference(Path(pattern).parts)
    for path in sorted(map(Path, glob.iglob(pattern, recursive=True))):
        if skipped.isdisjoint(path.parts) and (path.suffix == SUFFIX or os.path.isdir(path)):
            yield path


def _walk(folder: Path) -> list[Path]:
    """The plans below a folder in order, and the folders below it that can't be searched."""
    found: list[Path] = []
    closed: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in _SKIPPED]
        found += (Path(where, f) for f in files if f.endswith(SUFFIX) and not f.startswith("."))
    found += (Path(os.fsdecode(e.filename)) for e in closed if e.filename)
    return sorted(found, key=lambda path: path.parts)


def _once(paths: Iterable[Path]) -> Iterator[Path]:
    """Each file once, by the name under which it came first."""
    seen: set[str] = set()
    real_folder = cache(os.path.realpath)
    for path in paths:
        folder, name = os.path.split(path)
        if str(path) == STDIN:
            key = STDIN
        elif os.path.islink(path) or name == "..":
            key = os.path.realpath(path)
        else:
            key = os.path.join(real_folder(folder), name)
        if key not in seen:
            seen.add(key)
            yield path
