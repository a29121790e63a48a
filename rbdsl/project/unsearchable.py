"""The folders that a pattern leads into and that can't be searched.

`glob` passes over them without a word. Folders that are not there are none of these.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Collection, Iterator
from pathlib import Path

_ANY_DEPTH = "**"


def folders_in_the_way(pattern: str, skipped: Collection[str]) -> list[Path]:
    """Each once, in order; `skipped` are names of folders that only a pattern's own words mean."""
    path = Path(pattern)
    parts = path.parts[1:] if path.anchor else path.parts
    names = frozenset(skipped).difference(parts)
    return sorted(set(_closed(Path(path.anchor or "."), parts, names)))


def _closed(folder: Path, parts: tuple[str, ...], skipped: frozenset[str]) -> Iterator[Path]:
    if not parts:
        return
    head, rest = parts[0], parts[1:]
    try:
        names = _names(folder, head, skipped)
    except PermissionError:
        yield folder
        return
    except (OSError, ValueError):
        return
    if head == _ANY_DEPTH:
        yield from _closed(folder, rest, skipped)
        rest = parts
    for name in names if rest else ():
        yield from _closed(folder / name, rest, skipped)


def _names(folder: Path, head: str, skipped: frozenset[str]) -> list[str]:
    """What a part of a pattern may mean in a folder; raises OSError where that can't be told."""
    if not glob.has_magic(head):
        os.lstat(folder / head)
        return [head]
    inside = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    names = [n for n in inside if n not in skipped and n.startswith(".") <= head.startswith(".")]
    if head == _ANY_DEPTH:
        return [name for name in names if not os.path.islink(folder / name)]
    return fnmatch.filter(names, head)
