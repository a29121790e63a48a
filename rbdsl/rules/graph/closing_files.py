"""Files that close something while they are there: `touch /srv/shop/maintenance`.

Whether anything in a plan opens it again: takes the file away, or may do so, as a script may.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from rbdsl.analysis.invocations import Invocation
from rbdsl.rules.shell_text import words_of
from rbdsl.rules.switches import Turn

_CLOSES = r"maint|read[_-]?only|offline|closed"
_TAKES_AWAY = frozenset(["rm", "unlink", "mv", "find", "shred", "rmdir", "xargs"])
_MAY_SWAP = ("/current/", "/releases/", "$")
"""In the path of what goes with its folder, when another release takes its place."""
_OPENS = frozenset(["up", "open", "reopen", "maintenance", "online", "off", "disable", "down"])
OPENING = ("rm", "remove", "open", "online", "maintenance", "delete", "page")
"""What the title of a step by hand says that takes such a file away."""


def closes(turn: Turn) -> bool:
    """Whether a step makes a file that closes something, and that stays where it is."""
    if turn.switch.word != "touch" or turn.switch.on:
        return False
    path = turn.switch.key[-1]
    fleeting = path.startswith(("/tmp/", "/run/", "/dev/"))  # noqa: S108 - of the plan
    return (
        re.search(_CLOSES, posixpath.basename(path)) is not None
        and not fleeting
        and not any(part in path for part in _MAY_SWAP)
    )


def is_opened(turn: Turn, said: Iterable[Invocation]) -> bool:
    """Whether a command takes the file away or its folder, or may: a script, a program's own way
    to open.
    """
    path = turn.switch.key[-1]
    name, folder = posixpath.basename(path), posixpath.dirname(path)
    for invocation in said:
        program = invocation.program.rpartition("/")[2]
        text = " ".join(invocation.words)
        if program in _TAKES_AWAY:
            if name in text or "$" in text or "*" in text or f"{folder} " in f"{text} ":
                return True
        elif program == "touch":
            continue
        elif (
            "/" in invocation.program
            or program.endswith(".sh")
            or "$" in program
            or (not _OPENS.isdisjoint(words_of(text)) and program not in ("curl", "echo", "printf"))
            or (program == "rsync" and invocation.has("delete"))
        ):
            return True
    return False
