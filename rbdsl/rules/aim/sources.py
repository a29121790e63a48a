"""What a command restores from: the words and files that it reads to put something back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import Word
from rbdsl.rules.placed_calls import PlacedCall

_ALL = frozenset(["pg_restore", "mongorestore", "gunzip", "zcat", "unzip", "xtrabackup"])
_COPIES = frozenset(["cp", "mv", "ln", "rsync", "scp", "install"])
_READING_INPUT = frozenset(
    """
    gunzip kubectl mariadb mongorestore mysql nft oc pg_restore psql redis-cli sqlite3 tar
    iptables-restore zfs
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_BY_FILE = {
    "psql": ("f", ("file",)),
    "kubectl": ("f", ("filename",)),
    "oc": ("f", ("filename",)),
    "docker": ("i", ("input",)),
    "podman": ("i", ("input",)),
    "helm": ("f", ("values",)),
}
_RESTORING = r"(?i)restore|rollback|roll-back|recover|import|reload"
_APPLIES = frozenset(["apply", "create", "replace", "load"])


def sources(placed: PlacedCall) -> Iterator[Word]:
    """The words of a call that it restores from."""
    call = placed.call
    program = call.program
    if program in _READING_INPUT:
        yield from (r.target for r in call.redirections if r.operator == "<")
    if program in _ALL:
        yield from call.words[1:]
    elif program in _COPIES:
        yield from _copied(placed)
    elif program == "tar":
        if len(call.words) > 1 and _extracts(call.words[1].text, call.bundled):
            yield from call.words[1:]
    elif program == "aws":
        if call.operands[:1] == ("s3",) and call.operands[1:2] in (("cp",), ("mv",), ("sync",)):
            yield from (w for w in call.words if w.text == "".join(call.operands[2:3]))
    elif program == "restic" and call.operands[:1] == ("restore",):
        yield from call.words[2:]
    elif program in _BY_FILE:
        letters, names = _BY_FILE[program]
        if program == "psql" or any(verb in _APPLIES for verb in call.operands):
            read = arguments(call, letters, names)
            yield from (word for _, word in read.values(letters, *names))
    elif re.search(_RESTORING, call.words[0].text):
        yield from call.words[1:]


def restores(program: str) -> bool:
    """Whether a program at the end of a pipe of names restores from them."""
    return program in (_ALL | _COPIES | {"tar", "psql", "mysql", "kubectl"}) or (
        re.search(_RESTORING, program) is not None
    )


def _copied(placed: PlacedCall) -> Iterator[Word]:
    """All operands but the last, and that too where the target stands elsewhere."""
    words = [word for word in placed.call.words[1:] if not word.text.startswith("-")]
    yield from words if placed.call.has("t", "target-directory") else words[:-1]


def _extracts(first: str, bundled: frozenset[str]) -> bool:
    return (
        "x" in bundled or (not first.startswith("-") and "x" in first[:5]) or first == ("--extract")
    )
