"""Which paths a plan copies, moves, packs, makes or fills somewhere, before or behind.

Told by the words of its calls, once for all of them, so that a rule can ask for many paths.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.data_paths import normal
from rbdsl.rules.placed_calls import Place, PlacedCall

_LOOKS = frozenset(
    """
    : [ [[ cat cd chmod chown df du echo exit false find for grep head ls printf rm set sleep stat
    systemctl tail test true truncate wait wc
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs that neither keep nor make what they name."""
_COPIES = frozenset(
    ["tar", "rsync", "cp", "mv", "scp", "zip", "7z", "cpio", "git", "restic", "borg", "rclone"]
)
_EMPTY = frozenset([":", "true", "truncate"])
_PATHS = lazy_pattern(r"(?<![\w.])[~/][\w./~-]+")


class KeptPaths:
    """The paths that the acting calls of a plan name for more than to look, and their folders."""

    def __init__(self, context: Context) -> None:
        self._exact: set[str] = set()
        self._above: set[str] = set()
        self._names: set[str] = set()
        self._any = False
        for place in context.places:
            if place.role.acts:
                self._read(place)

    def has(self, path: str) -> bool:
        """Whether a path, something in it, or a folder around it is kept or made, or may be."""
        if self._any or path in self._above or posixpath.basename(path) in self._names:
            return True
        return any(one in self._exact for one in (path, *_parents(path)))

    def _read(self, place: Place) -> None:
        calls = place.calls
        for placed, following in pairwise((*calls, None)):
            if placed is None or (following and following.call.start < placed.call.end):
                continue  # `ssh host …`: what it has run is a call of its own
            for path in _named(placed):
                self._exact.add(path)
                self._above.update((path, *_parents(path)))
            if placed.call.program in _COPIES and not _from_nothing(placed):
                words = [place.settled(word) for word in placed.call.operands]
                self._names.update(word for word in words if "/" not in word)
                self._any |= any(word.startswith("$") for word in words)


def _named(placed: PlacedCall) -> Iterator[str]:
    """The paths that a call writes, or names for more than to look."""
    call, place = placed.call, placed.place
    if call.program not in _EMPTY and not _from_nothing(placed):
        for redirection in call.redirections:
            if redirection.operator.startswith((">", "&>")):
                yield normal(place.settled(redirection.target.text))
    if call.program in _LOOKS or _from_nothing(placed):
        return
    for word in call.words[1:]:
        text = re.sub(r"\$HOME\b", "~", place.settled(word.text))
        yield from map(normal, _PATHS.findall(text))


def _from_nothing(placed: PlacedCall) -> bool:
    """Whether it writes nothing: `cp /dev/null file`, `cat /dev/null >file`."""
    return placed.call.program in ("cp", "cat") and placed.call.operands[:1] == ("/dev/null",)


def _parents(path: str) -> Iterator[str]:
    """The folders around a path, without the root and without a folder of the system alone."""
    while path.rfind("/") > 0:
        path = path[: path.rfind("/")]
        yield path
