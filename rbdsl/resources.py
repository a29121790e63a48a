"""Where the data folders are: `grammar`, `targets` and `stdlib`.

In a wheel they lie inside the package (`rbdsl/_data`), in a checkout at the top level.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def data_folder(name: str) -> Path:
    """The folder `name` of the project's data, e.g. `stdlib`.

    Raises FileNotFoundError where the installation is broken: a bug, not a user's mistake.
    """
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the data folder {name!r} is missing from the installation of rbc")
