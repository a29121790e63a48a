"""Gates: removed, with other approvers, or with another answer when nobody decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.model.plan import Plan
from rbdsl.model.steps import Gate
from rbdsl.review.changes.amounts import UNLIMITED, Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest

_WAIT = Amount("gate-timeout", "time to decide", Effect.NEUTRAL, Effect.NEUTRAL, absent=UNLIMITED)


def gates(place: Place, old: Sequence[Gate], new: Sequence[Gate]) -> Iterator[Change]:
    """What became of the gates of one phase, or between the waves."""
    pairs = paired(old, new, lambda g: g.name.text, _likeness)
    for gate in pairs.gone:
        yield Place(place.where, gate.span).weaker(
            "gate-removed", f"gate “{gate.title}” removed", "nobody is asked there any more"
        )
    for gate in pairs.added:
        yield Place(place.where, gate.span).stronger("gate-added", f"gate “{gate.title}” added")
    for before, after in pairs.kept:
        yield from _gate(Place(f"{place.where}, gate “{after.title}”", after.span), before, after)


def waves(old: Plan, new: Plan) -> Iterator[Change]:
    """The regions: which, in which waves, and the gates between them."""
    before, after = old.regions, new.regions
    place = Place("regions", after.span if after else before.span if before else None)
    was = [[n.text for n in wave.regions] for wave in before.waves] if before else []
    now = [[n.text for n in wave.regions] for wave in after.waves] if after else []
    if was != now:
        text = f"{_waves(now)}; was {_waves(was)}"
        if 1 <= len(now) < len(was):
            yield place.weaker("waves-changed", text, "a mistake reaches more regions at once")
        else:
            yield place.neutral("waves-changed", text)
    yield from gates(place, before.gates if before else (), after.gates if after else ())
    if before and after and len(before.gates) == len(after.gates):
        asked = [
            [number for number, entry in enumerate(r.entries) if isinstance(entry, Gate)]
            for r in (before, after)
        ]
        if asked[0] != asked[1]:
            yield place.neutral("gate-moved", "the gates stand between other waves")


def _gate(place: Place, old: Gate, new: Gate) -> Iterator[Change]:
    was, now = [a.plain for a in old.approvers], [a.plain for a in new.approvers]
    if was and not now:
        yield place.weaker(
            "approvers-removed",
            f"names nobody who decides, it was {', '.join(was)}",
            "anybody may let the run pass",
        )
    elif now and not was:
        yield place.stronger("approvers-added", f"{', '.join(now)} may decide, and nobody else")
    elif set(was) != set(now):
        yield place.neutral(
            "approvers-changed", f"{', '.join(now)} may decide, it was {', '.join(was)}"
        )
    if new.continue_otherwise and not old.continue_otherwise:
        yield place.weaker(
            "gate-opened",
            "the run goes on when nobody decides in time, it was to abort",
            "silence counts as consent",
        )
    elif old.continue_otherwise and not new.continue_otherwise:
        yield place.stronger("gate-closed", "the run aborts when nobody decides in time")
    yield from _WAIT.compare(place, old.timeout, new.timeout)
    yield from rest(place, old, new, "approvers continue_otherwise timeout")


def _waves(found: list[list[str]]) -> str:
    return " → ".join(", ".join(wave) for wave in found) or "no regions"


def _likeness(old: Gate, new: Gate) -> float:
    return float(old.title.plain.casefold() == new.title.plain.casefold())
