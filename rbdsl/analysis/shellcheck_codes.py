"""What is made of ShellCheck's findings: their severity here, and those that say nothing of a plan.

Facts of ShellCheck 0.10 and 0.11; its wiki explains each code.
"""

from __future__ import annotations

from rbdsl.diagnostics import Severity

WIKI = "https://www.shellcheck.net/wiki/"

SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.PEDANTIC,
}

EXCLUDED = (
    1090,  # `source "$file"`: the file is one of the machine that the script runs on
    1091,  # `source ./file`: as 1090, and ShellCheck gets the piece in a folder of its own
    1128,  # `#!/bin/sh` in a piece is a comment, wherever it stands
    2148,  # no shebang: the shebang is the generated script's
    2168,  # `local` outside of a function: the piece becomes the body of one
)
"""Codes that arise only because a piece is looked at by itself and not in its script."""

MENTIONED, UNPARSED = 1009, 1073
"""What stands around a place that ShellCheck can't parse; another finding tells the place."""

STOPPED = frozenset({1072, 1073})
"""One of them is among the findings of a piece that ShellCheck gave up on."""


def shown(code: int) -> str:
    """A code as ShellCheck and its users write it: `SC2086`."""
    return f"SC{code:04}"
