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
_SCRIPT = "rollback.sh"
RUN_FILES = (_JOURNAL, _SCRIPT)
"""What of a run is evidence."""
_REPORTS = ("metrics.json", "failure.json", "evidence.json")
"""What a run writes at its end."""
_LEFT = (*_REPORTS, "report.md")
"""What tells of a run that its journal is missing from."""


def find_runs(folder: Path) -> Iterator[FoundRun]:
    """The runs of a folder by name, or the one run whose folder it is.

    A run without a journal is one that never began, or a bad one where it has written a report.
    Raises OSError where the folder, or a journal in it, can't be read.
    """
    if _is_run(folder):
        yield _found(folder)
        return
    for place in sorted(folder.iterdir()):
        if _is_run(place):
            yield _found(place)


def _is_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in (*RUN_FILES, *_LEFT))


def _found(folder: Path) -> FoundRun:
    path = folder / _JOURNAL
    shown = shown_path(path)
    reports = [name for name in _LEFT if (folder / name).exists()]
    if not path.exists():
        left = ", ".join(f"`{name}`" for name in reports)
        missing = BadJournal(1, f"it is missing, and the run has written {left}")
        return FoundRun(shown, missing if reports else None, begun=False)
    data = _bytes(path)
    if data is None:
        return FoundRun(shown, BadJournal(1, "this is no file of at most 64 MB"))
    script = folder / _SCRIPT
    kept = _bytes(script) if script.exists() else None
    run = read_journal(data, reported=not set(_REPORTS).isdisjoint(reports))
    return FoundRun(shown, run, (kept or b"").decode("utf-8", "replace"))


def _bytes(path: Path) -> bytes | None:
    """The content; None for what is no regular file, or too large."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        return stream.read(MOST_BYTES + 1)
