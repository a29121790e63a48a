"""Which files the arguments of a command mean: files, folders, globs, also quoted ones.

A folder means every `*.rbplan` below it, except in hidden folders, in `build` (what the
compiler wrote), in the folders of package managers, and where the configuration excludes it. A
file named outright is always taken.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePath

from rbdsl.record import dataclass

SUFFIX = ".rbplan"
STDIN = "-"

_SKIPPED = frozenset({"build", "dist", "node_modules", "__pycache__", "venv"})


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files in order, each once, and a complaint for each argument that found nothing."""

    paths: tuple[Path, ...]
    complaints: tuple[str, ...]


def discover(
    arguments: Sequence[str], exclusion: Callable[[Path], str | None] = lambda _: None
) -> Discovery:
    """The files that the arguments mean; `-` stays as it is.

    A path that does not exist is kept, so that reading it says so, unless it is a pattern.
    `exclusion` says what excludes a file that was searched for, or None.
    """
    complaints: list[str] = []
    found: list[Path] = []
    for argument in arguments:
        path = Path(argument)
        if argument == STDIN or os.path.lexists(path):
            matches = [path]
        elif glob.has_magic(argument):
            matches = list(_expand(argument))
            if not matches:
                complaints.append(f"no plan matches {argument!r}")
            matches, dropped = _without(matches, exclusion)
            if dropped and not matches:
                complaints.append(_all_excluded(argument, dropped))
        else:
            matches = [path]
        for match in matches:
            if match.is_dir():
                inside, dropped = _without(sorted(_walk(match)), exclusion)
                found += inside
                if dropped and not inside and len(matches) == 1:
                    complaints.append(_all_excluded(argument, dropped))
                elif not inside and len(matches) == 1:
                    complaints.append(f"there is no *{SUFFIX} file in {argument!r}")
            else:
                found.append(match)
    return Discovery(tuple(_once(found)), tuple(complaints))


def is_searched(path: PurePath) -> bool:
    """Whether a file would be found by searching the folder that the path begins in."""
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and _SKIPPED.isdisjoint(path.parts[:-1])


def _without(
    paths: Iterable[Path], exclusion: Callable[[Path], str | None]
) -> tuple[list[Path], list[str]]:
    """The folders, and the files that nothing excludes; and what excludes each other one."""
    kept, dropped = [], []
    for path in paths:
        reason = None if path.is_dir() else exclusion(path)
        if reason is None:
            kept.append(path)
        else:
            dropped.append(reason)
    return kept, dropped


def _all_excluded(argument: str, reasons: Sequence[str]) -> str:
    number = len(reasons)
    files = f"the *{SUFFIX} file" if number == 1 else f"all {number} *{SUFFIX} files"
    listed = ", ".join(dict.fromkeys(reasons))
    return f"{files} in {argument!r} {'is' if number == 1 else 'are'} excluded: see {listed}"


def _expand(pattern: str) -> Iterator[Path]:
    """Plans and folders that match; what folders are not searched for must be named outright."""
    skipped = _SKIPPED.difference(Path(pattern).parts)
    for path in sorted(map(Path, glob.iglob(pattern, recursive=True))):
        if skipped.isdisjoint(path.parts) and (path.suffix == SUFFIX or path.is_dir()):
            yield path


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in _SKIPPED]
        yield from (Path(where, f) for f in files if f.endswith(SUFFIX) and not f.startswith("."))


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
