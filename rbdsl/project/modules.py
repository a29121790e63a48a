"""Loading modules from the file system, and from the shipped library.

`std/…` is the shipped library; another path is relative to the file that uses it, and must stay
within the project: the nearest folder above the plan with `.git`, `rbc.toml` or
`pyproject.toml`, or else the plan's own folder. Symbolic links count as what they lead to.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rbdsl.diagnostics import did_you_mean
from rbdsl.model.loading import Loaded, NotLoaded
from rbdsl.project.discovery import SUFFIX
from rbdsl.project.files import is_absent, read_source, shown_path
from rbdsl.project.roots import MARKS, root_of
from rbdsl.resources import data_folder
from rbdsl.source import Source

STANDARD = "std/"

PROJECT_MARKS = MARKS[1:]
"""Files that make a folder a project; the root of a repository is one too."""


@dataclass(slots=True)
class Shelf:
    """The modules read so far, by their real path, and where each was found.

    Shared by the loaders of a run, so that a module is one `Source` in all plans. `texts` stand
    in place of those of the files with these real paths; `-` is standard input.
    """

    sources: dict[str, Source] = field(default_factory=dict)
    places: dict[Source, Path] = field(default_factory=dict)
    texts: dict[str, Source] = field(default_factory=dict)


class ProjectLoader:
    """The `Loader` of the file system; reads each file once, however it is named."""

    def __init__(self, plan: Path, shelf: Shelf | None = None) -> None:
        """`plan` is the path of the plan; it need not exist (a plan from standard input)."""
        self._plan = plan
        self._shelf = shelf or Shelf()

    def load(self, path: str, *, standard: bool, importer: Source) -> Loaded | NotLoaded:
        """The module that a `use` names.

        Its source has a path like those of other findings: relative where the plan's is, and
        `std/…` for the library.
        """
        if standard:
            return self._load_standard(path)
        if "\0" in path or not path:
            return NotLoaded("this is no path to a module")
        if PurePosixPath(path).is_absolute():
            return NotLoaded(
                f"`{path}` is an absolute path, which is another one on each machine",
                "write it relative to this file",
            )
        places = self._shelf.places
        if importer not in places and importer.path.startswith(STANDARD):
            return NotLoaded("a module of the library can use others of the library only")
        folder = places.get(importer, self._plan).parent
        place = Path(os.path.normpath(folder / path))
        if not _is_within(place, self.root):
            return NotLoaded(
                f"`{path}` leads out of the project",
                f"the project is the folder `{shown_path(self.root.name)}`, "
                f"{'the one with ' + self._mark if self._mark else 'that of the plan'}",
            )
        if os.path.isdir(place) or is_absent(place):
            return NotLoaded(f"there is no module `{path}`", _suggestion(place, path))
        return self._read(place, shown_path(place))

    @property
    def root(self) -> Path:
        """The folder of the project, with all links followed."""
        return self._root_and_mark[0]

    @property
    def _mark(self) -> str:
        return self._root_and_mark[1]

    @property
    def _root_and_mark(self) -> tuple[Path, str]:
        folder, mark = root_of(os.path.realpath(self._plan.parent))
        return Path(folder), mark

    def _load_standard(self, path: str) -> Loaded | NotLoaded:
        library = data_folder("stdlib")
        place = library / f"{path.removeprefix(STANDARD)}{SUFFIX}"
        if not path.startswith(STANDARD):
            return NotLoaded(f"there is no module `{path}`", f'write `"{path}{SUFFIX}"` for a file')
        if not _is_within(place, library) or not place.is_file():
            names = sorted(STANDARD + found.stem for found in library.glob(f"*{SUFFIX}"))
            hint = did_you_mean(path, names) or "there are: " + ", ".join(f"`{n}`" for n in names)
            return NotLoaded(f"the library has no module `{path}`", hint)
        return self._read(place, path)

    def _read(self, place: Path, shown: str) -> Loaded | NotLoaded:
        key = os.path.realpath(place)
        if key not in self._shelf.sources:
            other = self._shelf.texts.get(key)
            source, diagnostic = (other, None) if other else read_source(place, shown)
            if source is None:
                reason = diagnostic.message if diagnostic else "it cannot be read"
                return NotLoaded(f"module `{shown}` cannot be read: {reason}")
            self._shelf.sources[key] = source
            if not shown.startswith(STANDARD):
                self._shelf.places[source] = place
        return Loaded(key, self._shelf.sources[key])


def _suggestion(place: Path, path: str) -> str | None:
    """A module beside the missing one with a name like it."""
    folder = os.path.dirname(path)
    beside = [os.path.join(folder, found.name) for found in place.parent.glob(f"*{SUFFIX}")]
    return did_you_mean(path, beside)


def _is_within(place: Path, root: Path) -> bool:
    real = os.path.realpath(place)
    whole = os.path.realpath(root)
    return os.path.commonpath([real, whole]) == whole
