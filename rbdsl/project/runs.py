"""The runs that lie in a folder such as `.rbc/runs`: their journals, and the scripts they kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from rbdsl.analysis.journal import BadJournal, FoundRun, read_journal
from rbdsl.project.files import shown_path

MOST_BYTES = 64 * 1024 * 1024
"""The largest journal that is read: a hundred thousand lines and more."""

_JOURNAL = "journal.jsonl"
_REPORTS = ("metrics.json", "failure.json")
"""What a run writes at its end."""


def find_runs(folder: Path) -> Iterator[FoundRun]:
    """The runs of a folder by name, or the one run whose folder it is.

    Raises OSError where the folder, or a journal in it, can't be read.
    """
    if (folder / _JOURNAL).exists():
        yield _found(folder)
        return
    for place in sorted(folder.iterdir()):
        if (place / _JOURNAL).exists():
            yield _found(place)


def _found(folder: Path) -> FoundRun:
    path = folder / _JOURNAL
    shown = shown_path(path)
    data = _bytes(path)
    if data is None:
        return FoundRun(shown, BadJournal(1, "this is no file of at most 64 MB"))
    script = folder / "rollback.sh"
    kept = _bytes(script) if script.exists() else None
    reported = any((folder / name).exists() for name in _REPORTS)
    run = read_journal(data, reported=reported)
    return FoundRun(shown, run, (kept or b"").decode("utf-8", "replace"))


def _bytes(path: Path) -> bytes | None:
    """The content; None for what is no regular file, or too large."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        return stream.read(MOST_BYTES + 1)
