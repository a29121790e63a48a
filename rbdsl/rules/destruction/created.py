"""What a plan itself has made before: its temporary files and databases, its shadow tables.

Deleting these loses nothing that was there before the plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from rbdsl.analysis.sql import CLIENTS
from rbdsl.rules.acting import Order
from rbdsl.rules.placed_calls import PlacedCall

_SQL = (
    r"(?i)^create (?:or replace )?(?:global |local )?(?:temp(?:orary)? |unlogged )?"
    r"(?:table|database|schema|keyspace) (?:if not exists )?([^\s(;]+)"
)
_RENAMED = r"(?i)^alter (?:table|database|schema) (?:if exists )?\S+ rename to ([^\s;]+)"
_INTO = r"(?i)^select .*? into (?:temp(?:orary)? |table )?([\w.\":]+) from\b"
_RENAME_TABLE = r"(?i)\S+ to ([^\s,;]+)"
_MAKERS = {
    # program → the words before what it makes
    "createdb": (),
    "mkdir": (),
    "docker": ("volume", "create"),
    "podman": ("volume", "create"),
    "kubectl": ("create", "*"),
    "oc": ("new-project",),
    "git": ("worktree", "add"),
}
_COPIES = frozenset(["rsync", "cp"])


class Created:
    """The names of what the calls of a plan make, each with the call."""

    def __init__(self, order: Order) -> None:
        self._order = order

    @cached_property
    def made(self) -> dict[str, list[tuple[PlacedCall, int]]]:
        """What is made, by its plain name: the call, and where in the text."""
        found: dict[str, list[tuple[PlacedCall, int]]] = {}
        for placed in self._order.acting():
            for name, start in _made(placed):
                found.setdefault(plain(placed.filled(name)), []).append((placed, start))
        return found

    def before(self, placed: PlacedCall, name: str, at: int = 0) -> bool:
        """Whether the plan has made what has this name when a call comes to a statement."""
        makers = self.made.get(plain(placed.filled(name)), ())
        return any(
            start < at if maker is placed else self._order.before(maker, placed)
            for maker, start in makers
        )


def _made(placed: PlacedCall) -> Iterator[tuple[str, int]]:
    call = placed.call
    yield from ((name, call.start) for name in _made_by_program(placed))
    if call.program in CLIENTS:
        for one in placed.statements:
            match = (
                re.match(_SQL, one.text)
                or re.match(_RENAMED, one.text)
                or re.match(_INTO, one.text)
            )
            if match:
                yield match[1], one.start
            elif one.text.lower().startswith("rename table "):
                yield from ((m[1], one.start) for m in re.finditer(_RENAME_TABLE, one.text[13:]))


def _made_by_program(placed: PlacedCall) -> Iterator[str]:
    call = placed.call
    if call.program in ("kafka-topics", "kafka-topics.sh") and call.has("create"):
        yield call.value("topic") or ""
    elif call.program == "aws" and call.operands[:2] == ("s3", "mb"):
        yield from call.operands[2:]
    elif call.program == "kubectl" and call.operands[:1] == ("run",):
        yield from call.operands[1:2]
    elif call.program in _MAKERS:
        yield from _behind(_MAKERS[call.program], call.operands)
    copies = call.program in _COPIES or call.operands[:1] == ("clone",)
    if copies and len(call.operands) > 1:
        yield call.operands[-1]


def _behind(words: tuple[str, ...], operands: tuple[str, ...]) -> Iterator[str]:
    if len(operands) >= len(words) and all(
        wanted in ("*", found) for wanted, found in zip(words, operands, strict=False)
    ):
        yield from operands[len(words) :]


def plain(name: str) -> str:
    """A name without quotes, kind (`pvc/data`), default schema and a slash at its end."""
    bare = name.strip().rstrip("/;*").strip("\"'`[]").removeprefix(":").strip("\"'")
    bare = bare.removeprefix("public.").removeprefix("./")
    return bare.lower()
