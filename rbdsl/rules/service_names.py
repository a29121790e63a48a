"""Which services of a plan belong together by their names: `forum` and `forum-db`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SAYS_NOTHING = frozenset(
    """
    api app application backend cache database db frontend mysql pg postgres postgresql primary prod
    production schema server service srv web worker workers
    """.split()  # noqa: SIM905 - a list of words is read as one
)


def belong_together(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether one of these is one of those, or has a word in common that says what it is."""
    ours, theirs = set(ours), set(theirs)
    return not ours.isdisjoint(theirs) or not _words(ours).isdisjoint(_words(theirs))


def _words(names: Iterable[str]) -> set[str]:
    found = {word for name in names for word in re.split(r"[-_.]", name.lower())}
    return found - _SAYS_NOTHING - {""}
