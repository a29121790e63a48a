"""Where a project begins: the nearest folder upwards with `.git`, `rbc.toml` or `pyproject.toml`.

Imports nothing: a run in which nothing has changed asks this, too.
"""

from __future__ import annotations

import os
from functools import cache

MARKS = (".git", "rbc.toml", "pyproject.toml")


@cache
def root_of(folder: str) -> tuple[str, str]:
    """The project's folder and what marks it as one, or the folder itself and "".

    `folder` is an absolute path, with all links followed.
    """
    candidate = folder
    while True:
        for mark in MARKS:
            if os.path.exists(os.path.join(candidate, mark)):
                return candidate, mark
        above = os.path.dirname(candidate)
        if above == candidate:
            return folder, ""
        candidate = above
