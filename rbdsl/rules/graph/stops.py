"""What the phases of a plan take down or close, and what a later phase brings up by other words.

In: the plan. Out: each step that scales an application to nothing, stops it, or closes a database
for writes, where a later phase brings the same up. What is worded alike in both is known by
`rbdsl.rules.switches`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from rbdsl.analysis.sql import database
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Step
from rbdsl.record import dataclass
from rbdsl.rules.acting import near
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before, in_phases
from rbdsl.rules.graph.starts_and_loads import applications, brings_up, takes_down
from rbdsl.rules.objects import named
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.source import Span

_CLUSTER = ("kubectl", "oc")
_FROM_FILES = (("apply",), ("replace",), ("create",))
_WHOLE = frozenset(["helm", "helmfile", "ansible-playbook", "terraform", "tofu", "kustomize"])
"""Programs that put whole applications in place, with all that belongs to them."""
_READ_ONLY = r"\w*read_only\w*"
_CLOSES = re.compile(rf"(?i)\bset\s+.*{_READ_ONLY}\s*(?:=|\bto\b)\s*'?(?:on|1|true)\b")
_OPENS = re.compile(
    rf"(?i)\breset\s+{_READ_ONLY}|{_READ_ONLY}\s*(?:=|\bto\b)\s*'?(?:off|0|false)\b"
)
_NAMED = re.compile(r"(?:database|db|dbname)=(.+)")


@dataclass(frozen=True, slots=True)
class Stop:
    """A step that takes something down, where, and the calls that may bring it up behind it."""

    step: Step
    phase: Phase
    span: Span
    ups: tuple[PlacedCall, ...]


def stops_of(context: Context) -> Iterator[Stop]:
    """What takes something down that a later phase brings up."""
    calls = list(in_phases(context))
    downs = [(call, names) for call in calls if (names := _taken_down(call))]
    if not downs:
        return
    ups: dict[str, list[PlacedCall]] = defaultdict(list)
    for call in calls:
        for name in _brought_up(call):
            ups[name].append(call)
    whole = [call for call in calls if _may_bring_up(call)]
    for call, names in downs:
        step, phase = call.place.step, call.place.phase
        if step is None or phase is None:
            continue
        same = [up for name in sorted(names) for up in ups.get(name, ())]
        if any(up.place.phase is phase for up in same):
            continue  # whoever runs the phase brings it up, too
        back = [up for up in same if comes_before(context, call, up)]
        if back:
            also = (up for up in whole if _is_for_the_same(up, step))
            yield Stop(step, phase, call.span, (*back, *also))


def _taken_down(placed: PlacedCall) -> set[str]:
    if any(_CLOSES.search(found.text) for found in placed.statements):
        return _written_to(placed)
    return _names(placed) if takes_down(placed) else set()


def _brought_up(placed: PlacedCall) -> set[str]:
    if any(_OPENS.search(found.text) for found in placed.statements):
        return _written_to(placed)
    if placed.call.program in _CLUSTER and placed.call.operands[:1] in _FROM_FILES:
        return _waited_for(placed)
    return _names(placed) if brings_up(placed) else set()


def _waited_for(placed: PlacedCall) -> set[str]:
    """What a file brings up: that whose rollout is waited for beside it."""
    return {
        found[-1]
        for other in near(placed)
        if other.call.operands[:2] == ("rollout", "status")
        for found in named(other, tuple(map(other.filled, other.call.operands[2:])))
    }


def _names(placed: PlacedCall) -> set[str]:
    """The names of the applications: a release of Helm may be called like its deployment."""
    return {found[-1] for found in applications(placed)}


def _written_to(placed: PlacedCall) -> set[str]:
    """The database that is closed or opened: by a variable of psql, or the one connected to."""
    named = {match[1] for text in placed.texts if (match := _NAMED.match(text))}
    if not named:
        found = database(placed.call)
        named = {placed.filled(found[0])} if found else set()
    return {f"database {name}" for name in named}


def _may_bring_up(placed: PlacedCall) -> bool:
    """Whether it puts whole applications in place, or is a script that may do anything."""
    call = placed.call
    if call.program in _CLUSTER:
        return call.operands[:1] in _FROM_FILES
    return (
        call.program in _WHOLE
        or "/" in call.words[0].text
        or (call.program in ("docker", "docker-compose") and "up" in call.operands[:2])
    )


def _is_for_the_same(placed: PlacedCall, step: Step) -> bool:
    own = {name.text for name in step.services}
    other = placed.place.step
    return other is not None and not own.isdisjoint(name.text for name in other.services)
