"""Checks files here or in worker processes, and keeps what was found in the cache.

Each worker checks a few files and waits for the ShellCheck that looks at their shell, so that as
many processes are at work as there are workers.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rbdsl.analysis.policy import LevelPolicy
from rbdsl.compiler import sha256_of
from rbdsl.diagnostics import Diagnostic, Suppressed
from rbdsl.project.batch import File, Keys, check_and_keep, check_batch
from rbdsl.project.cache import Cache
from rbdsl.project.files import read_source
from rbdsl.project.many import Request
from rbdsl.project.modules import Shelf
from rbdsl.project.shellcheck import ShellCheck
from rbdsl.project.shellcheck_program import WorkerError

Found = tuple[tuple[Diagnostic, ...], tuple[Suppressed, ...]]
Policies = Mapping[int, LevelPolicy]


@dataclass(slots=True)
class _Worker:
    """What one process checks with; modules are read once, and texts asked about once."""

    request: Request
    policies: Policies
    shellcheck: ShellCheck
    shelf: Shelf = field(default_factory=Shelf)

    def check(self, paths: Sequence[Path]) -> list[Found]:
        """What there is to say of each file."""
        found: dict[Path, Found] = {}
        files: list[File] = []
        for path in paths:
            source, unreadable = read_source(path)
            if source is None:
                found[path] = ((unreadable,) if unreadable else (), ())
            else:
                files.append(File(path, source))
        cache, now = self.request.cache, self.request.now
        if cache is None:
            checked = check_batch(files, self.policies, now, self.shellcheck, self.shelf)
        else:
            keys = [
                Keys(
                    self.request.key(str(f.place), sha256_of(f.source)),
                    self.request.key(str(f.place), "answers"),
                )
                for f in files
            ]
            checked = check_and_keep(
                files, keys, self.policies, now, self.shellcheck, self.shelf, cache
            )
        found.update(
            (f.place, (c.diagnostics, c.suppressed)) for f, c in zip(files, checked, strict=True)
        )
        return [found[path] for path in paths]


def check_here(paths: Sequence[Path], request: Request, processes: int) -> list[Found]:
    """What there is to say of each file, from this process. May raise ShellCheckError."""
    shellcheck = ShellCheck(processes, request.settings)
    return _Worker(request, request.policies(), shellcheck).check(paths)


def check_in_workers(
    paths: Sequence[Path], request: Request, processes: int, size: int
) -> list[Found]:
    """The same from so many processes, each of which gets `size` files at a time.

    May raise ShellCheckError, WorkerError.
    """
    import multiprocessing  # costs a cold start 8 ms
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # What is imported by now need not be imported again in each of them.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    cache = request.cache
    common = (
        request.policies(), request.now, cache.folder if cache else None, request.fingerprint,
        request.settings,
    )  # fmt: skip
    pool = ProcessPoolExecutor(processes, context, _begin, common)
    chunks = [paths[first : first + size] for first in range(0, len(paths), size)]
    try:
        done = [found for part in pool.map(_check, chunks) for found in part]
    except BrokenProcessPool as problem:
        raise WorkerError(
            "a worker process was ended from outside, maybe for want of memory"
        ) from problem
    finally:
        pool.shutdown(cancel_futures=True)
    return done


_worker: list[_Worker] = []
"""The worker that this process is, once it is one."""

_busy: list[bool] = []
"""Holds something while it checks files."""


def _begin(
    policies: Policies, now: datetime, folder: str | None, fingerprint: str, settings: Path | None
) -> None:
    signal.signal(signal.SIGINT, _interrupted)
    cache = Cache(folder) if folder else None
    request = Request(lambda: policies, now, cache, fingerprint, settings)
    _worker.append(_Worker(request, policies, ShellCheck(1, settings)))


def _check(paths: Sequence[Path]) -> list[Found]:
    if not _worker:
        raise KeyboardInterrupt
    _busy.append(True)
    try:
        return _worker[0].check(paths)
    finally:
        _busy.clear()


def _interrupted(*_: object) -> None:
    """Leave what is being done, tidily, and do nothing more.

    The process that started this one hears of it as well, and ends this one. To raise while there
    is nothing to do would only print a traceback.
    """
    _worker.clear()
    if _busy:
        raise KeyboardInterrupt
