"""A batch of files checked together, so that one ShellCheck looks at the shell of all of them.

Reads modules, asks ShellCheck and keeps what was found in the cache; writes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from os.path import realpath
from pathlib import Path
from typing import NamedTuple

from rbdsl.analysis.policy import LevelPolicy
from rbdsl.compiler import Checked, Examined, conclude, examine, sha256_of
from rbdsl.model.loading import Loaded, NotLoaded
from rbdsl.project.answers import Known, keep, recall
from rbdsl.project.cache import Cache
from rbdsl.project.entries import FILE, STANDARD, NoEntryError, make
from rbdsl.project.modules import STANDARD as LIBRARY
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.project.shellcheck import ShellCheck
from rbdsl.record import dataclass
from rbdsl.source import Source


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read: the path that its modules are looked for from, and its text."""

    place: Path
    source: Source


class _Recorder:
    """A loader that notes what it loaded, and whether something was missing."""

    def __init__(self, place: Path, shelf: Shelf) -> None:
        self._loader = ProjectLoader(place, shelf)
        self._shelf = shelf
        self.modules: dict[Source, list[str]] = {}
        self.complete = True

    def load(self, path: str, *, standard: bool, importer: Source) -> Loaded | NotLoaded:
        loaded = self._loader.load(path, standard=standard, importer=importer)
        if isinstance(loaded, NotLoaded):
            self.complete = False
        elif loaded.source.path.startswith(LIBRARY):
            self.modules[loaded.source] = [STANDARD, loaded.source.path]
        else:
            place = str(self._shelf.places[loaded.source])
            sha256 = sha256_of(loaded.source)
            self.modules[loaded.source] = [FILE, place, sha256, realpath(place)]
        return loaded


class Keys(NamedTuple):
    """The keys of a file in the cache: of what was found, of what ShellCheck said of its pieces."""

    found: str
    answers: str


@dataclass(frozen=True, slots=True)
class _Memory:
    """What ShellCheck said of the files of a batch when they were last looked at."""

    cache: Cache
    keys: Sequence[str]

    def remind(self, shellcheck: ShellCheck, examined: Sequence[Examined]) -> None:
        for key, one in zip(self.keys, examined, strict=True):
            if one.scripts:
                shellcheck.learn(recall(self.cache, key, [s.text for s in one.scripts]))

    def keep(self, said: Known, examined: Sequence[Examined]) -> None:
        for key, one in zip(self.keys, examined, strict=True):
            if one.scripts:
                keep(self.cache, key, {s.text: said[s.text] for s in one.scripts})


def check_batch(
    files: Sequence[File],
    policies: Mapping[int, LevelPolicy],
    now: datetime,
    shellcheck: ShellCheck | None,
    shelf: Shelf,
) -> list[Checked]:
    """What is known of each file, in their order. May raise ShellCheckError."""
    return [checked for checked, _ in _checked(files, policies, now, shellcheck, shelf)]


def check_and_keep(
    files: Sequence[File],
    keys: Sequence[Keys],
    policies: Mapping[int, LevelPolicy],
    now: datetime,
    shellcheck: ShellCheck,
    shelf: Shelf,
    cache: Cache,
) -> list[Checked]:
    """The same; what was found is kept under the keys. May raise ShellCheckError."""
    memory = _Memory(cache, [key.answers for key in keys])
    done = _checked(files, policies, now, shellcheck, shelf, memory)
    for file, (key, _), (checked, recorder) in zip(files, keys, done, strict=True):
        # What a missing module is to be called depends on files that are no inputs.
        if not recorder.complete:
            continue
        try:
            entry = make(
                checked.diagnostics,
                checked.suppressed,
                file.source,
                recorder.modules,
                str(file.place),
                checked.moments,
                now,
            )
        except NoEntryError:
            continue
        cache.put(key, entry)
    return [checked for checked, _ in done]


def _checked(
    files: Sequence[File],
    policies: Mapping[int, LevelPolicy],
    now: datetime,
    shellcheck: ShellCheck | None,
    shelf: Shelf,
    memory: _Memory | None = None,
) -> list[tuple[Checked, _Recorder]]:
    recorders = [_Recorder(file.place, shelf) for file in files]
    examined = [
        examine(file.source, recorder, policies, now)
        for file, recorder in zip(files, recorders, strict=True)
    ]
    if shellcheck is None:
        return [(conclude(e), r) for e, r in zip(examined, recorders, strict=True)]
    if memory:
        memory.remind(shellcheck, examined)
    try:
        answers = shellcheck.ask(s.text for one in examined for s in one.scripts)
        done = [(conclude(e, answers), r) for e, r in zip(examined, recorders, strict=True)]
        if memory:
            memory.keep(answers(), examined)
    finally:
        shellcheck.stop()
    return done
