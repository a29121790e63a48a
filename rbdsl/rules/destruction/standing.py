"""What stands at a path when a command of a plan runs, as far as the plan tells.

Paths are compared as they are written, with the values of the plan filled in; where a name is
relative, by its last part. The host is left out of it: a plan has few paths that mean two things.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import Order, near
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

_TAKING = ("rm", "mv", "unlink", "rmdir")
_SYSTEM = lazy_pattern(r"/(?:etc|var/lib|var/spool)/[^/]+\Z")
"""Folders of programs that are installed: a plan changes what is in them."""
_DATA = lazy_pattern(r"/var/(?:lib|spool)/[\w-]+")
_MISSING = (
    r"(?:!\s+-[edfLh]\s+\S*{name}[\"']?[\s;\])]|-[edfLh]\s+\S*{name}[\"']?(?:\s+\]+)?\s*\|\|)"
)
"""A question whether nothing has this name: `[ ! -e name ]`, `[ -e name ] ||`."""
_NEAR = 200
_ENTERED = ("cd", "pushd", "mkdir", "rmdir")
_REMOTE = lazy_pattern(r"[\w.@$-]+:(?=/)")


def path_of(text: str) -> str:
    """The path in a word: without a host before it and a slash at its end."""
    found = _REMOTE.match(text)
    text = text[found.end() :] if found else text
    return posixpath.normpath(text) if text else ""


class Standing:
    """What is known of the paths of one plan."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._order = Order(context)

    def is_gone(self, placed: PlacedCall, path: str) -> bool:
        """Whether something before a call may have taken away what stood at a path, or it is only
        made where nothing stands there.
        """
        name = posixpath.basename(path)
        text, end = placed.place.shell.text, placed.call.start
        missing = _MISSING.format(name=re.escape(name))
        if name and re.search(missing, text[max(0, end - _NEAR) : end]):
            return True
        for other in self._taking[name] + self._taking[""]:
            if not self._order.before(other, placed):
                continue
            if any(_is_same(path_of(text), path) for text in _gone(other)):
                return True
        return False

    def is_folder(self, path: str) -> bool:
        """Whether the plan speaks of something in it, or enters it; below `/var/lib` always."""
        return path in self._folders or _DATA.fullmatch(path) is not None

    def is_there(self, placed: PlacedCall, path: str) -> bool:
        """Whether something stands there before: a program's own folder, or what the plan keeps."""
        if _SYSTEM.match(path) or path in self._kept:
            return True
        before = (p for p in near(placed) if p.call.start < placed.call.start)
        return any(path in folders for p in before for folders in [set(_entered(p))])

    @cached_property
    def _taking(self) -> dict[str, list[PlacedCall]]:
        """The calls that take files away, by the last part of each; `""` where it is not known."""
        found: dict[str, list[PlacedCall]] = defaultdict(list)
        for placed in self._order.acting(*_TAKING):
            for text in _gone(placed):
                name = posixpath.basename(path_of(text))
                found["" if "$" in name or "*" in name else name].append(placed)
        return found

    @cached_property
    def _folders(self) -> frozenset[str]:
        calls = (path for placed in self._context.calls for path in _entered(placed))
        files = (parent for file in self._context.files for parent in _parents(file.path))
        return frozenset([*calls, *files])

    @cached_property
    def _kept(self) -> frozenset[str]:
        """What capture steps read, and all folders of it."""
        captured = [p for p in self._context.calls if p.place.captures]
        return frozenset(path for p in captured for path in (*_entered(p), *_named(p)))


def _gone(placed: PlacedCall) -> tuple[str, ...]:
    """The paths that a call takes away, as they are written."""
    words = [placed.filled(word) for word in placed.call.operands]
    return tuple(words[:-1] if placed.call.program == "mv" else words)


def _is_same(one: str, other: str) -> bool:
    """Whether two paths may be one; what only the shell knows may be any."""
    if "$" in one and "$" not in other:
        return posixpath.basename(one).startswith("$")
    if "*" in one:
        return other.startswith(one.partition("*")[0])
    if one.startswith("/") and other.startswith("/"):
        return one == other or other.startswith(f"{one}/")
    return posixpath.basename(one) == posixpath.basename(other)


def _named(placed: PlacedCall) -> Iterator[str]:
    """The paths among the words of a call; of `tar -C /etc postfix` the one that it means."""
    folder = ""
    for before, text in pairwise(placed.texts):
        if before == "-C":
            folder = text
        elif "/" in text:
            yield path_of(text)
        elif folder:
            yield posixpath.join(folder, text)


def _entered(placed: PlacedCall) -> Iterator[str]:
    """The folders that a call speaks of: those that it enters, or has something in."""
    call = placed.call
    for before, text in pairwise(("", *placed.texts)):
        if call.program in _ENTERED or before in ("-C", "-d"):
            yield path_of(text)
        elif "/" in text and " " not in text:
            yield from _parents(path_of(text))
            if text.endswith(("/", "/.")):
                yield path_of(text)


def _parents(path: str) -> Iterator[str]:
    while "/" in path.strip("/"):
        path = posixpath.dirname(path)
        yield path
