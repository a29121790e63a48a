"""Many files at once: what has not changed is taken from the cache, the rest is checked.

Where there is much to check, worker processes do it, one for each core. Importing this module
imports next to nothing, and neither does a run in which everything is in the cache.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache as once
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from rbdsl.project.cache import Cache
from rbdsl.project.entries import STANDARD, Entry, findings, holds
from rbdsl.project.fingerprint import installation

if TYPE_CHECKING:
    from rbdsl.analysis.policy import LevelPolicy
    from rbdsl.diagnostics import Diagnostic, Suppressed
    from rbdsl.source import Source

    Found = tuple[tuple[Diagnostic, ...], tuple[Suppressed, ...]]
    Policies = Mapping[int, LevelPolicy]

_FEW = 8
"""Files that are checked in this process: to start others would take longer."""

_CHUNK = 25
"""Files for one ShellCheck: its start is then a hundredth of its work."""

_MANY = 50
"""Files of which the entries are gathered in one."""

_LARGEST = 8 * 1024 * 1024


class Request:
    """What is wanted of all files alike.

    `fingerprint` stands for all settings that findings depend on, the level policies among them;
    `policies` gives these when something has to be checked. `settings` is a `.shellcheckrc`.
    """

    def __init__(
        self,
        policies: Callable[[], Policies],
        now: datetime,
        cache: Cache | None,
        fingerprint: str = "",
        settings: Path | None = None,
    ) -> None:
        """`cache` is None where everything is to be checked, and nothing kept."""
        self.policies = policies
        self.now = now
        self.cache = cache
        self.fingerprint = fingerprint
        self.settings = settings
        self._common = "\0".join(
            [installation() if cache else "", fingerprint, _state(settings) if settings else ""]
        )

    def key(self, shown: str, content: str) -> str:
        """The key of a plan that findings call `shown`, by the SHA-256 of its bytes."""
        text = f"{self._common}\0{shown}\0{content}"
        return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def find(paths: Sequence[Path], request: Request) -> list[Found]:
    """What there is to say of each file, and what of it its comments allow, in their order.

    Raises ShellCheckError or WorkerError where it can't be said.
    """
    found: dict[int, Found] = {}
    kept = _Kept(request, request.cache, paths) if request.cache else None
    if kept:
        for number, path in enumerate(paths):
            known = kept.findings(path)
            if known is not None:
                found[number] = known
    rest = [number for number in range(len(paths)) if number not in found]
    if rest:
        if request.cache:
            request.cache.prepare()
        from rbdsl.project.workers import check_here, check_in_workers

        wanted = [paths[number] for number in rest]
        if len(wanted) <= _FEW or cores() == 1:
            checked = check_here(wanted, request, cores())
        else:
            size = max(1, min(_CHUNK, len(wanted) // (cores() * 4)))
            checked = check_in_workers(wanted, request, cores(), size)
        found.update(zip(rest, checked, strict=True))
    if kept:
        kept.gather()
    return [found[number] for number in range(len(paths))]


def cores() -> int:
    """How many processes may work at once."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class _Kept:
    """What the cache knows of files; every module is read once.

    Of many files the entries are gathered in one: to open each of them would take as long as to
    hash the plans.
    """

    def __init__(self, request: Request, cache: Cache, paths: Sequence[Path]) -> None:
        self._request = request
        self._cache = cache
        self._now = request.now.timestamp()
        self._wanted: list[str] = []
        self._gathered: dict[str, Entry] = {}
        self._gathering = ""
        if len(paths) >= _MANY:
            self._gathering = request.key("\0".join(map(os.fspath, paths)), "")
            gathered = cache.get(self._gathering)
            self._gathered = {} if gathered is None else gathered
        self._hash_of = once(_hash_of)
        self._modules: dict[tuple[str, ...], Source] = {}

    def findings(self, path: Path) -> Found | None:
        """What is known of a file; None where it has to be checked."""
        data = _content(path)
        if data is None:
            return None
        shown = os.fspath(path)
        key = self._request.key(shown, sha256(data).hexdigest())
        self._wanted.append(key)
        entry = self._gathered.get(key) or self._cache.get(key)
        try:
            if entry is None or not holds(entry, shown, self._now, self._hash_of):
                return None
            told = entry["found"] or entry["allowed"]
            return self._read(entry, path, data) if told else ((), ())
        except (KeyError, IndexError, TypeError, ValueError, OSError):
            return None  # An entry that no rbc of this version has written.

    def gather(self) -> None:
        """Keep the entries of all these files in one, where it would be another one."""
        if not self._gathering or all(key in self._gathered for key in self._wanted):
            return
        found = {key: self._cache.get(key) for key in self._wanted}
        self._cache.put(self._gathering, {key: e for key, e in found.items() if e is not None})

    def _read(self, entry: Entry, path: Path, data: bytes) -> Found | None:
        from rbdsl.project.files import decode, shown_path

        plan = decode(data, shown_path(path)).source
        return None if plan is None else findings(entry, plan, self._module)

    def _module(self, line: Sequence[str]) -> Source:
        from rbdsl.project.files import read_source, shown_path
        from rbdsl.resources import data_folder

        key = tuple(line)
        if key not in self._modules:
            if line[0] == STANDARD:
                path = data_folder("stdlib") / f"{line[1].removeprefix('std/')}.rbplan"
                shown = line[1]
            else:
                path, shown = Path(line[1]), shown_path(line[1])
            source = read_source(path, shown).source
            if source is None:
                raise FileNotFoundError(line[1])
            self._modules[key] = source
        return self._modules[key]


def _content(path: str | Path) -> bytes | None:
    """The bytes of a regular file of a size that is read; None for all else."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        data = os.read(file, status.st_size + 1)
        return data if len(data) == status.st_size else None
    except OSError:
        return None
    finally:
        os.close(file)


def _hash_of(path: str) -> str | None:
    data = _content(path)
    return None if data is None else sha256(data).hexdigest()


def _state(path: Path) -> str:
    return f"{path} {_hash_of(os.fspath(path))}"
