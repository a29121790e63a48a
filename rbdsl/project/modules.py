"""Loading modules from the file system, and from the shipped library.

`std/…` is the shipped library; another path is relative to the file that uses it, and must stay
within the project: the nearest folder above the plan with `.git`, `rbc.toml` or
`pyproject.toml`, or else the plan's own folder. Symbolic links count as what they lead to.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path, PurePosixPath

from rbdsl.project.discovery import SUFFIX
from rbdsl.project.files import read_source, shown_path
from rbdsl.resources import data_folder
from rbdsl.source import Source

STANDARD = "std/"

_ROOT_MARKS = (".git", "rbc.toml", "pyproject.toml")


class ProjectLoader:
    """Loads the modules of one plan; each file once, so that one module is one `Source`."""

    def __init__(self, plan: Path) -> None:
        """`plan` is the plan's path; it need not exist (a plan from standard input)."""
        self._plan = plan
        self._loaded: dict[str, Source] = {}
        self._places: dict[Source, Path] = {}

    def load(self, path: str, importer: Source) -> Source | str:
        """The module that `use` names in a source, or the reason why it can't be loaded.

        The path of the source is as the paths of other findings: relative where the plan's is,
        and `std/…` for the library.
        """
        if path.startswith(STANDARD):
            return self._load_standard(path)
        if self._places.get(importer) is None and importer.path.startswith(STANDARD):
            return "a module of the library can only use others of the library"
        if PurePosixPath(path).is_absolute():
            return "a path to a module is relative to the file that uses it"
        folder = self._places.get(importer, self._plan).parent
        place = Path(os.path.normpath(folder / path))
        if not _is_within(place, self.root):
            return f"it is outside of the project, which is `{shown_path(self._root_shown())}`"
        return self._read(place, shown_path(place))

    @property
    def root(self) -> Path:
        """The folder of the project, with all links followed."""
        return _root_of(Path(os.path.realpath(self._plan)).parent)

    def _root_shown(self) -> str:
        return os.path.relpath(self.root)

    def _load_standard(self, path: str) -> Source | str:
        name = path.removeprefix(STANDARD)
        library = data_folder("stdlib")
        place = library / f"{name}{SUFFIX}"
        if not _is_within(place, library) or not place.is_file():
            names = sorted(STANDARD + found.stem for found in library.glob(f"*{SUFFIX}"))
            return "the library has no such module; it has " + ", ".join(f"`{n}`" for n in names)
        return self._read(place, path)

    def _read(self, place: Path, shown: str) -> Source | str:
        key = os.path.realpath(place)
        if key not in self._loaded:
            source, diagnostic = read_source(place, shown)
            if source is None:
                return diagnostic.message if diagnostic else "it cannot be read"
            self._loaded[key] = source
            if not shown.startswith(STANDARD):
                self._places[source] = place
        return self._loaded[key]


def _is_within(place: Path, root: Path) -> bool:
    real = os.path.realpath(place)
    whole = os.path.realpath(root)
    return os.path.commonpath([real, whole]) == whole


@cache
def _root_of(folder: Path) -> Path:
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in _ROOT_MARKS):
            return candidate
    return folder
