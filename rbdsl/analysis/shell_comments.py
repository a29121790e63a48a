"""Whether what looks like a comment in shell is one, or stands in a text.

In: a piece of shell, and a place in it. A here-document and a string are data, unless the statement
runs them as shell itself, here or on a host. In doubt it is a comment.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from rbdsl.analysis.shell import parsed

if TYPE_CHECKING:
    from tree_sitter import Node

_RUNNING = frozenset(
    """
    bash sh dash zsh ksh ssh sshpass su sudo chroot nsenter eval xargs parallel watch timeout env
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs that run what they are given as shell; `sudo tee` writes it."""
_WRITING = frozenset(["cat", "tee", "dd"])
_STATEMENTS = frozenset(["command", "redirected_statement", "pipeline"])


def is_heard(shell: str, at: int) -> bool:
    """Whether it is a comment of the shell, or stands in a text that is run as shell."""
    root = parsed(shell)
    place = len(shell[:at].encode())
    node = root.descendant_for_byte_range(place, place + 1)
    if node is None or root.has_error:
        return True
    statement: Node | None = None
    while node is not None:
        if node.type == "comment":
            return True
        if node.type in _STATEMENTS:
            statement = node
        node = node.parent
    if statement is None:
        return True
    first = (statement.text or b"").decode("utf-8", "replace").split("\n", 1)[0]
    names = [posixpath.basename(word) for word in re.findall(r"[\w./-]+", first)]
    if "sudo" in names and _WRITING & {*names} and not _RUNNING & {*names} - {"sudo"}:
        return False
    return bool(_RUNNING & {*names})
