"""What is known of the terminal: whether there is one, its width, whether it has colours."""

from __future__ import annotations

import os
from typing import TextIO

from rbdsl.review.page import Page
from rbdsl.review.palette import Palette

_PIPED = 100
"""Columns of source shown where there is no terminal."""


def page(stream: TextIO, color: str) -> Page:
    """How to write findings to a stream; `color` is `auto`, `always` or `never`.

    COLUMNS sets the width, of a pipe too: then its reader is taken for a terminal of that width.
    """
    terminal = stream.isatty()
    wrap = terminal or os.environ.get("COLUMNS", "").isdecimal()
    return Page(_columns() if wrap else _PIPED, Palette(_colored(terminal, color)), wrap=wrap)


def _columns() -> int:
    from shutil import get_terminal_size

    return get_terminal_size((80, 24)).columns


def _colored(terminal: bool, color: str) -> bool:
    """The option has the last word, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"
