"""Plans as they are in a revision of a git repository, with the modules of the same revision.

The only home of git: it is asked for objects, never for the working tree, and changes nothing.
What it refuses is a `RevisionError` with its own words.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from rbdsl.model.loading import Loaded, NotLoaded
from rbdsl.project.configurations import Tree
from rbdsl.project.discovery import SUFFIX, is_searched
from rbdsl.project.files import MAX_BYTES, Reading, decode, shown_path
from rbdsl.project.modules import PROJECT_MARKS, ProjectLoader
from rbdsl.record import dataclass
from rbdsl.source import Source

_LINK = "120000"
_MOST_LINKS = 10


class RevisionError(Exception):
    """git is not there, this is no repository, or there is no such revision."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a revision: its mode, the name of its object, its size in bytes."""

    mode: str
    object: str
    size: int


class Repository:
    """The repository that a folder belongs to; raises `RevisionError` where there is none."""

    def __init__(self, folder: Path) -> None:
        """`folder` is any folder of the working tree."""
        self._folder = folder
        self.bare = self._ask("rev-parse", "--is-bare-repository") == b"true\n"
        where = "--absolute-git-dir" if self.bare else "--show-toplevel"
        self.root = Path(os.fsdecode(self._ask("rev-parse", where).rstrip(b"\n")))

    def commit(self, name: str) -> str:
        """The commit that a name stands for; `A...B` is asked with `merge_base`."""
        try:
            return self._ask("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")[
                :-1
            ].decode()
        except RevisionError as problem:
            fact = f"there is no revision {name!r} in `{self.root}`"
            raise RevisionError(fact + self._depth()) from problem

    def merge_base(self, one: str, other: str) -> str:
        """The commit that two revisions have last had in common."""
        try:
            return self._ask("merge-base", self.commit(one), self.commit(other))[:-1].decode()
        except RevisionError as problem:
            if "there is no revision" in str(problem):
                raise
            fact = f"{one!r} and {other!r} have no commit in common"
            raise RevisionError(fact + self._depth()) from problem

    def _depth(self) -> str:
        """What to do where commits may only be missing from this clone."""
        if self._ask("rev-parse", "--is-shallow-repository") != b"true\n":
            return ""
        return (
            ", as far as this shallow clone goes; `git fetch --unshallow` gets the rest, in CI "
            "`fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab)"
        )

    def files(self, commit: str) -> dict[str, Blob]:
        """Every file of a commit by its path below the root; submodules are not looked into."""
        listed = self._ask("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        found = {}
        for entry in listed.split(b"\0"):
            head, _, path = entry.partition(b"\t")
            if path:
                mode, kind, name, size = head.decode().split()
                if kind == "blob":
                    found[os.fsdecode(path)] = Blob(mode, name, int(size))
        return found

    def content(self, blob: Blob) -> bytes:
        """The bytes of a file."""
        return self._ask("cat-file", "blob", blob.object)

    def _ask(self, *arguments: str) -> bytes:
        git = shutil.which("git")
        if git is None:
            raise RevisionError("git is not installed, and revisions are read with it")
        done = subprocess.run(
            [git, "-C", os.fspath(self._folder), *arguments],
            env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise RevisionError(words[0] if words else f"git {arguments[0]} failed")
        return done.stdout


class Revision:
    """The plans and modules of one commit; findings show them as `NAME:path`."""

    def __init__(self, repository: Repository, name: str, commit: str) -> None:
        """`name` is what the revision was called."""
        self._repository = repository
        self.name = name
        self._commit = commit

    @cached_property
    def _files(self) -> dict[str, Blob]:
        return self._repository.files(self._commit)

    def plans(self, within: Iterable[str] = ()) -> Iterator[str]:
        """The paths of plans and modules, all or those at or below some paths, in order.

        A file that is named outright is taken wherever it is; the rest as `discover` does.
        """
        wanted = tuple(within)
        for path in sorted(self._files):
            if path in wanted:
                yield path
            elif path.endswith(SUFFIX) and is_searched(PurePosixPath(path)):
                tops = wanted or (".",)
                if any(top == "." or path.startswith(f"{top}/") for top in tops):
                    yield path

    def read(self, path: str, *, may_be_empty: bool = False) -> Reading | None:
        """The source at a path, or why there is none; None where there is no such file."""
        blob = self._blob(path)
        if blob is None:
            return None
        shown = shown_path(f"{self.name}:{path}")
        if blob.size > MAX_BYTES:
            return decode(b"", shown)
        return decode(self._repository.content(blob), shown, may_be_empty=may_be_empty)

    def has(self, path: str) -> bool:
        """Whether there is a file at a path, with links followed."""
        return self._blob(path) is not None

    def _blob(self, path: str) -> Blob | None:
        for _ in range(_MOST_LINKS):
            blob = self._files.get(path)
            if blob is None or blob.mode != _LINK:
                return blob
            target = os.fsdecode(self._repository.content(blob))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        return None


class RevisionTree(Tree):
    """Configurations and policies as they were in a revision; what lies outside is as it is."""

    def __init__(self, revision: Revision, root: Path) -> None:
        """`root` is the folder that the repository has been checked out to."""
        self._revision = revision
        self._root = root

    def has(self, path: Path) -> bool:
        """As `Tree`; at the root there always is a `.git`."""
        below = self._below(path)
        if below is None:
            return super().has(path)
        return below == ".git" or self._revision.has(below)

    def lacks(self, path: Path) -> bool:
        """As `Tree`."""
        return super().lacks(path) if self._below(path) is None else not self.has(path)

    def read(self, path: Path) -> Reading:
        """As `Tree`; findings show it as `NAME:path`."""
        below = self._below(path)
        reading = None if below is None else self._revision.read(below, may_be_empty=True)
        return reading or super().read(path)

    def _below(self, path: Path) -> str | None:
        return path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else None


class RevisionLoader:
    """The `Loader` of a revision: modules as they were then, the library as it is now.

    `read` are the modules that other plans of the revision have loaded already.
    """

    def __init__(self, revision: Revision, plan: str, read: dict[str, Source]) -> None:
        """`plan` is the path of the plan below the root."""
        self._revision = revision
        self._plan = plan
        self._read = read
        self._paths = {id(source): path for path, source in read.items()}

    def load(self, path: str, *, standard: bool, importer: Source) -> Loaded | NotLoaded:
        """The module that a `use` names."""
        if standard or (importer.path.startswith("std/") and id(importer) not in self._paths):
            return ProjectLoader(Path(self._plan)).load(path, standard=standard, importer=importer)
        if "\0" in path or not path or PurePosixPath(path).is_absolute():
            return NotLoaded(f"`{path}` is no path to a module of this revision")
        folder = posixpath.dirname(self._paths.get(id(importer), self._plan))
        place = posixpath.normpath(posixpath.join(folder, path))
        root = self._root()
        if place.startswith("../") or (root and not place.startswith(f"{root}/")):
            return NotLoaded(f"`{path}` leads out of the project")
        if place not in self._read:
            reading = self._revision.read(place)
            if reading is None:
                return NotLoaded(f"there is no module `{path}` in `{self._revision.name}`")
            if reading.source is None:
                reason = reading.diagnostic.message if reading.diagnostic else "it is unreadable"
                return NotLoaded(f"module `{place}` cannot be read: {reason}")
            self._read[place] = reading.source
        self._paths[id(self._read[place])] = place
        return Loaded(place, self._read[place])

    def _root(self) -> str:
        """The folder of the project in this revision; empty for the whole repository."""
        folder = posixpath.dirname(self._plan)
        while folder:
            if any(self._revision.has(f"{folder}/{mark}") for mark in PROJECT_MARKS):
                return folder
            folder = posixpath.dirname(folder)
        return ""
