"""What is known to exist before a phase creates it: what the plan captures, asks for or stops.

And whether a command before it has taken that away. By names, as far as they are written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain

from rbdsl.analysis.file_programs import Use
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.shell_text import mentions_word

_GONE = lazy_pattern(
    r"(?i)\b(?:drop\w*|delete|del|rm|uninstall|rename|unlink|mv|remove|destroy|down|swap)\b"
)
_DIRECTORY = frozenset(["ldapsearch", "slapcat"])
_TELLING = ("helm", "pg_dump", "readlink", "aws")
_ASKS_RELEASE = frozenset(["get", "status", "history", "rollback"])


@dataclass(frozen=True)
class Existing:
    """The names of what exists, by what it is, and the calls of the phases in order."""

    releases: frozenset[str]
    databases: frozenset[str]
    links: frozenset[str]
    entries: frozenset[str]
    records: bool
    calls: tuple[PlacedCall, ...]

    def acting(self, *programs: str) -> Iterator[PlacedCall]:
        """The calls of some programs in the phases."""
        return (placed for placed in self.calls if placed.call.program in programs)

    @cached_property
    def _order(self) -> Mapping[int, int]:
        return {id(placed): at for at, placed in enumerate(self.calls)}

    @cached_property
    def _taken_away(self) -> list[tuple[int, str]]:
        """The commands that may take something away, by their place in the order."""
        found = ((at, _said(placed)) for at, placed in enumerate(self.calls))
        return [(at, text) for at, text in found if _GONE.search(text)]

    @cached_property
    def _stopped(self) -> Mapping[str, int]:
        """The containers that are stopped, with the first command that does."""
        found: dict[str, int] = {}
        for at, placed in enumerate(self.calls):
            if placed.call.program in ("docker", "podman") and "stop" in placed.call.operands[:1]:
                for name in map(placed.filled, placed.call.operands[1:]):
                    found.setdefault(name, at)
        return found

    def is_stopped(self, placed: PlacedCall, name: str) -> bool:
        """Whether a command before it stops a container of this name."""
        at = self._stopped.get(name)
        return at is not None and at < self._order.get(id(placed), 0)

    def is_gone(self, placed: PlacedCall, *names: str) -> bool:
        """Whether a command before it may have taken away what has one of these names."""
        own = self._order.get(id(placed), len(self.calls))
        return any(
            at < own and any(mentions_word(text, name) for name in names)
            for at, text in self._taken_away
        )


def _said(placed: PlacedCall) -> str:
    return " ".join((*placed.texts, *placed.call.given))


def existing(context: Context) -> Existing:
    """What a plan tells of what there is."""
    found: dict[str, set[str]] = defaultdict(set)
    named = context.calls_by_program
    for placed in chain.from_iterable(named.get(program, ()) for program in _TELLING):
        call, words = placed.call, tuple(map(placed.filled, placed.call.operands))
        if call.program == "helm" and words[:1] and words[0] in _ASKS_RELEASE:
            at = 2 if words[0] == "get" else 1
            found["releases"].update(words[at : at + 1])
        elif call.program == "pg_dump":
            name = placed.filled(call.value("d", "dbname") or (words or ("",))[-1])
            found["databases"].add(name)
        elif call.program == "readlink" and placed.place.captures:
            found["links"].update(words[-1:])
        elif "list-resource-record-sets" in words and placed.place.captures:
            found["records"].add("captured")
    for file in context.files if not named.keys().isdisjoint(_DIRECTORY) else ():
        heads = file.file.pipeline[:1] if file.place.captures and file.use is Use.WRITE else ()
        if any(head.program in _DIRECTORY for head in heads):
            found["entries"].add(file.path)
    return Existing(
        frozenset(found["releases"] - {""}),
        frozenset(found["databases"] - {""}),
        frozenset(found["links"]),
        frozenset(found["entries"]),
        bool(found["records"]),
        tuple(p for p in context.calls if p.place.phase and p.place.role is Role.RUN),
    )
